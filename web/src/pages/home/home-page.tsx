import { Button, Text, Title } from '@mantine/core';
import { IconClockHour4, IconHistory, IconShieldCheck } from '@tabler/icons-react';
import { useEffect } from 'react';
import { Link, Navigate } from 'react-router';
import { ThemeChoice } from '../../app/theme-choice.tsx';
import { useSession } from '../../app/use-session.ts';
import { Brand } from '../../components/brand.tsx';
import classes from './home-page.module.css';

const promises = [
  {
    icon: IconClockHour4,
    title: 'Codes at a glance',
    text: 'Time-based and counter-based one-time passwords, live in the browser, ready to copy.',
  },
  {
    icon: IconShieldCheck,
    title: 'Checked once, and only once',
    text: 'Validate codes for your own services. A right code is accepted a single time, whoever is faster.',
  },
  {
    icon: IconHistory,
    title: 'Everything on record',
    text: 'Secrets sealed under keys of their own, and an audit trail that nobody can change.',
  },
] as const;

/** What this is, for those who are not logged in; all others go to their dashboard. */
export default function HomePage() {
  const state = useSession();

  useEffect(() => {
    document.title = 'OTP Service';
  }, []);

  if (state.kind === 'signed-in') return <Navigate to="/dashboard" replace />;
  return (
    <div className={classes.frame}>
      <header className={classes.top}>
        <Brand />
        <ThemeChoice />
      </header>
      <main className={classes.main}>
        <Title order={1} className={classes.claim}>
          One-time passwords, generated and verified
        </Title>
        <Text c="dimmed" size="lg" maw="38rem">
          Keep your codes, enrol authenticator apps, and let your services check one-time passwords over HTTPS.
        </Text>
        <div className={classes.actions}>
          <Button component={Link} to="/login" size="md">
            Log in
          </Button>
          <Button component={Link} to="/signup" size="md" variant="default">
            Sign up
          </Button>
          <Button component="a" href="/docs" size="md" variant="subtle">
            API documentation
          </Button>
        </div>
        <ul className={classes.promises}>
          {promises.map(({ icon: Icon, title, text }) => (
            <li key={title} className={classes.promise}>
              <Icon size={24} stroke={1.75} aria-hidden className={classes.icon} />
              <Text fw={600}>{title}</Text>
              <Text size="sm" c="dimmed">
                {text}
              </Text>
            </li>
          ))}
        </ul>
      </main>
    </div>
  );
}
