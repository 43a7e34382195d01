import { Button, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { PasswordField } from '../../components/password-field.tsx';
import { ProblemNotice, useRefusalWait } from '../../components/problem-notice.tsx';
import { sayDuration } from '../../components/use-countdown.ts';
import { useFieldProblems } from '../../components/use-field-problems.ts';

/** Name and password. */
export function PasswordStep({
  username,
  error,
  waiting,
  onCredentials,
}: {
  username: string;
  error: Error | null;
  waiting: boolean;
  onCredentials: (credentials: { username: string; password: string }) => void;
}) {
  const form = useForm({ initialValues: { username, password: '' } });
  const elsewhere = useFieldProblems(form, error);
  const wait = useRefusalWait(error);

  return (
    <form onSubmit={form.onSubmit(onCredentials)}>
      <Stack>
        <ProblemNotice error={elsewhere} />
        <TextInput
          label="Username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus={username === ''}
          {...form.getInputProps('username')}
        />
        <PasswordField
          label="Password"
          autoComplete="current-password"
          required
          autoFocus={username !== ''}
          {...form.getInputProps('password')}
        />
        <Button type="submit" loading={waiting} disabled={wait > 0} fullWidth>
          {wait > 0 ? `Wait ${sayDuration(wait)}` : 'Log in'}
        </Button>
      </Stack>
    </form>
  );
}
