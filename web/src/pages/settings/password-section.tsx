import { Paper, Text } from '@mantine/core';
import type { Me } from '../../api/read-me.ts';
import { Section } from '../../components/page.tsx';
import { PasswordForm } from '../../components/password-form.tsx';
import classes from './settings-page.module.css';

/** Changes the password. */
export default function PasswordSection({ me }: { me: Me }) {
  return (
    <Section title="Password">
      <Paper p="lg">
        <Text size="sm" c="dimmed" mb="md">
          Your other sessions end when you change it. This one goes on.
        </Text>
        <div className={classes.form}>
          <PasswordForm username={me.username} />
        </div>
      </Paper>
    </Section>
  );
}
