import type { ReactNode } from 'react';
import { Brand } from '../../components/brand.tsx';
import classes from './shell.module.css';

/** The frame before it is known who is logged in: same size, nothing to press. */
export function ShellSkeleton({ children }: { children: ReactNode }) {
  return (
    <div className={classes.shell}>
      <header className={classes.topbar}>
        <Brand />
      </header>
      <div className={classes.sidebar}>
        <div className={classes.sidebarBrand}>
          <Brand />
        </div>
      </div>
      <main className={classes.main}>{children}</main>
    </div>
  );
}
