import { Menu, UnstyledButton } from '@mantine/core';
import { IconBook, IconLogout, IconSelector, IconUserCircle } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useLogOut } from '../../api/log-out.ts';
import { useReadMe } from '../../api/read-me.ts';
import { announce } from '../../components/announcer.tsx';
import { notify } from '../../components/notify.ts';
import { ThemeChoice } from '../theme-choice.tsx';
import classes from './shell.module.css';

/** Who is logged in, and what belongs to them alone: colours, profile, log-out. */
export function AccountMenu() {
  const { data: me } = useReadMe();
  const logOut = useLogOut();

  function leave(): void {
    logOut.mutate(undefined, {
      onSuccess: () => announce('Logged out'),
      onError: (error) => void notify(`You are still logged in: ${error.message}`, 'bad'),
    });
  }

  return (
    <div className={classes.foot}>
      <ThemeChoice />
      <Menu position="top-start" width={220} shadow="md">
        <Menu.Target>
          <UnstyledButton className={classes.account}>
            <span className={classes.initial} aria-hidden>
              {me?.username.slice(0, 1).toUpperCase()}
            </span>
            <span className={classes.names}>
              <span className={classes.username}>{me?.username}</span>
              <span className={classes.role}>{me?.is_admin ? 'Administrator' : 'Account'}</span>
            </span>
            <IconSelector size={16} aria-hidden />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to="/settings" leftSection={<IconUserCircle size={16} />}>
            Profile and security
          </Menu.Item>
          <Menu.Item component="a" href="/docs" target="_blank" leftSection={<IconBook size={16} />}>
            API documentation
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={leave}>
            Log out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
