import { Text } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './empty-notice.module.css';

/** What a list says when there is nothing in it: why, and how to put something there. */
export function EmptyNotice({
  icon: Picture,
  title,
  children,
  actions,
}: {
  icon: Icon;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className={classes.notice}>
      <Picture size={36} stroke={1.5} aria-hidden className={classes.picture} />
      <Text fw={600}>{title}</Text>
      {children && (
        <Text size="sm" c="dimmed" maw="36rem">
          {children}
        </Text>
      )}
      {actions && <div className={classes.actions}>{actions}</div>}
    </div>
  );
}
