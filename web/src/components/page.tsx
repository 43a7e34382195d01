import { Text, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { useNavigationType } from 'react-router';
import classes from './page.module.css';

/** One page: its title in the tab and on the page, and its one primary action. */
export function Page({
  title,
  description,
  actions,
  width = 'wide',
  children,
}: {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  width?: 'wide' | 'narrow';
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const arrivedBy = useNavigationType();

  useEffect(() => {
    document.title = `${title} · OTP Service`;
  }, [title]);

  // Who follows a link by keyboard or screen reader goes on from the new page's heading, not from the old one's link.
  useEffect(() => {
    if (arrivedBy !== 'POP') heading.current?.focus();
  }, [arrivedBy]);

  return (
    <div className={classes.page} data-width={width}>
      <header className={classes.header}>
        <div className={classes.words}>
          <Title order={1} ref={heading} tabIndex={-1} data-heading>
            {title}
          </Title>
          {description && (
            <Text c="dimmed" size="sm">
              {description}
            </Text>
          )}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A part of a page under a heading of its own. */
export function Section({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <div className={classes.sectionHeader}>
        <Title order={2}>{title}</Title>
        {actions}
      </div>
      {children}
    </section>
  );
}
