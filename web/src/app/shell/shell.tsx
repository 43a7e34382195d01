import { useHotkeys } from '@mantine/hooks';
import { useEffect, useId, useState } from 'react';
import { Link, Outlet, useLocation } from 'react-router';
import { Brand } from '../../components/brand.tsx';
import { AccountMenu } from './account-menu.tsx';
import { Banners } from './banners.tsx';
import { Navigation } from './navigation.tsx';
import { NavigationToggle } from './navigation-toggle.tsx';
import classes from './shell.module.css';

/** The frame around every page of a person who is logged in: the ways on the left, or behind a button on a phone. */
export default function Shell() {
  const [opened, setOpened] = useState(false);
  const sidebarId = useId();
  const { pathname } = useLocation();

  // biome-ignore lint/correctness/useExhaustiveDependencies: the ways close once one of them was taken.
  useEffect(() => setOpened(false), [pathname]);

  useHotkeys([['Escape', () => setOpened(false)]]);

  return (
    <div className={classes.shell}>
      <a href="#main" className={classes.skip}>
        Skip to content
      </a>
      <header className={classes.topbar}>
        <Link to="/dashboard" className={classes.brandLink}>
          <Brand />
        </Link>
        <NavigationToggle opened={opened} controls={sidebarId} onToggle={() => setOpened(!opened)} />
      </header>
      <aside id={sidebarId} aria-label="Console" className={classes.sidebar} data-opened={opened || undefined}>
        <Link to="/dashboard" className={`${classes.brandLink} ${classes.sidebarBrand}`}>
          <Brand />
        </Link>
        <Navigation />
        <AccountMenu />
      </aside>
      <main id="main" tabIndex={-1} className={classes.main}>
        <Banners />
        <Outlet />
      </main>
    </div>
  );
}
