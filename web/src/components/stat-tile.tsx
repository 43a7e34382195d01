import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './stat-tile.module.css';

/** One number and what it counts. */
export function StatTile({ label, value, note }: { label: string; value: ReactNode; note?: ReactNode }) {
  return (
    <div className={classes.tile}>
      <dt className={classes.label}>{label}</dt>
      <dd className={classes.value}>{value}</dd>
      {note && <dd className={classes.note}>{note}</dd>}
    </div>
  );
}

/** Numbers side by side. */
export function StatTiles({ children }: { children: ReactNode }) {
  return <dl className={classes.tiles}>{children}</dl>;
}

/** As many tiles that are still being loaded. */
export function StatTilesSkeleton({ count, withNote = false }: { count: number; withNote?: boolean }) {
  return (
    <div className={classes.tiles}>
      {Array.from({ length: count }, (_, index) => index).map((tile) => (
        <Skeleton key={tile} height={withNote ? 105 : 84} />
      ))}
    </div>
  );
}
