import { Badge, Button, Skeleton, Stack, TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconUsers } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { page } from '../../../../shared/domain/policy.ts';
import { type UserForAdmin, useListUsers } from '../../api/list-users.ts';
import { EmptyNotice } from '../../components/empty-notice.tsx';
import { Moment } from '../../components/moment.tsx';
import { Section } from '../../components/page.tsx';
import { QueryView } from '../../components/query-view.tsx';
import rows from '../../components/row-table.module.css';
import classes from './admin-page.module.css';

const UserDialog = lazy(() => import('./user-dialog.tsx'));

/** All users: find one, and open it to change it. */
export function UsersSection() {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 250);
  const [openId, setOpenId] = useState<string>();
  const query = useListUsers(search || undefined);
  const users = query.data?.pages.flatMap((part) => part.rows) ?? [];
  const open = users.find(({ id }) => id === openId);

  return (
    <Section
      title="Users"
      actions={
        <TextInput
          className={classes.search ?? ''}
          aria-label="Search users"
          placeholder="Beginning of username or e-mail"
          type="search"
          maxLength={page.searchLength}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      }
    >
      <QueryView query={query} skeleton={<Skeleton height={25 * 61 + 41} />}>
        {() =>
          users.length === 0 ? (
            <EmptyNotice icon={IconUsers} title="Nobody found">
              No username and no e-mail address begins like that.
            </EmptyNotice>
          ) : (
            <Stack gap="sm" align="flex-start">
              <UserTable users={users} onOpen={setOpenId} />
              {query.hasNextPage && (
                <Button
                  variant="default"
                  loading={query.isFetchingNextPage}
                  disabled={query.isPlaceholderData}
                  onClick={() => void query.fetchNextPage()}
                >
                  Show more
                </Button>
              )}
            </Stack>
          )
        }
      </QueryView>
      {open && (
        <Suspense>
          <UserDialog key={open.id} user={open} onClose={() => setOpenId(undefined)} />
        </Suspense>
      )}
    </Section>
  );
}

function UserTable({ users, onOpen }: { users: readonly UserForAdmin[]; onOpen: (id: string) => void }) {
  return (
    <div className={rows.sheet}>
      <table className={rows.table}>
        <thead>
          <tr>
            <th scope="col">User</th>
            <th scope="col">Status</th>
            <th scope="col">Department</th>
            <th scope="col">Last log-in</th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <tr key={user.id}>
              <td className={rows.main}>
                <UnstyledButton className={rows.link} onClick={() => onOpen(user.id)}>
                  {user.username}
                </UnstyledButton>
                <span className={rows.under}>{user.email}</span>
              </td>
              <td data-label="Status">
                <UserBadges user={user} />
              </td>
              <td data-label="Department" className={rows.quiet}>
                {user.department ?? '–'}
              </td>
              <td data-label="Last log-in" className={rows.quiet}>
                {user.last_login ? <Moment at={user.last_login} /> : 'Never'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function UserBadges({ user }: { user: UserForAdmin }) {
  const isLocked = user.account_locked_until !== null && Date.parse(user.account_locked_until) > Date.now();
  return (
    <span className={classes.badges}>
      <Badge color={user.is_active ? 'green' : 'gray'}>{user.is_active ? 'Active' : 'Disabled'}</Badge>
      {user.is_admin && <Badge color="lagoon">Administrator</Badge>}
      {user.mfa_enabled && <Badge color="gray">MFA</Badge>}
      {isLocked && <Badge color="red">Locked</Badge>}
      {user.must_change_password && <Badge color="yellow">Password due</Badge>}
    </span>
  );
}
