import { Paper, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { Link } from 'react-router';
import { Brand } from '../components/brand.tsx';
import classes from './entrance.module.css';
import { ThemeChoice } from './theme-choice.tsx';

/** The frame of the pages before log-in: one card, one thing to do. */
export function Entrance({
  title,
  description,
  children,
  below,
}: {
  title: string;
  description?: ReactNode;
  children: ReactNode;
  below?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · OTP Service`;
  }, [title]);

  return (
    <div className={classes.frame}>
      <header className={classes.top}>
        <Link to="/" className={classes.brand}>
          <Brand />
        </Link>
        <ThemeChoice />
      </header>
      <main className={classes.middle}>
        <Paper className={classes.card} shadow="sm">
          <Title order={1}>{title}</Title>
          {description && (
            <Text c="dimmed" size="sm" mt={4}>
              {description}
            </Text>
          )}
          <div className={classes.content}>{children}</div>
        </Paper>
        {below && <div className={classes.below}>{below}</div>}
      </main>
    </div>
  );
}
