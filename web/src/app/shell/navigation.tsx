import { IconHistory, IconKey, IconLayoutDashboard, IconSettings, IconUsers } from '@tabler/icons-react';
import { NavLink } from 'react-router';
import { useReadMe } from '../../api/read-me.ts';
import { preload } from '../pages.ts';
import classes from './shell.module.css';

const own = [
  { to: '/dashboard', label: 'Dashboard', icon: IconLayoutDashboard },
  { to: '/otp/configs', label: 'Configurations', icon: IconKey },
  { to: '/settings', label: 'Settings', icon: IconSettings },
] as const;
const administration = [
  { to: '/admin', label: 'Users and metrics', icon: IconUsers },
  { to: '/audit', label: 'Audit trail', icon: IconHistory },
] as const;

/** The ways through the console. */
export function Navigation() {
  const { data: me } = useReadMe();
  return (
    <nav aria-label="Main" className={classes.navigation}>
      <Ways ways={own} />
      {me?.is_admin && (
        <>
          <p className={classes.group}>Administration</p>
          <Ways ways={administration} />
        </>
      )}
    </nav>
  );
}

function Ways({ ways }: { ways: typeof own | typeof administration }) {
  return (
    <ul className={classes.ways}>
      {ways.map(({ to, label, icon: Icon }) => (
        <li key={to}>
          <NavLink to={to} className={classes.way ?? ''} onPointerEnter={() => preload(to)} onFocus={() => preload(to)}>
            <Icon size={18} stroke={1.75} aria-hidden />
            {label}
          </NavLink>
        </li>
      ))}
    </ul>
  );
}
