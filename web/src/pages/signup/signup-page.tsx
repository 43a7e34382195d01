import { Anchor, Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Link, Navigate, useNavigate } from 'react-router';
import { account } from '../../../../shared/domain/policy.ts';
import { type Registration, useSignUp } from '../../api/sign-up.ts';
import { Entrance } from '../../app/entrance.tsx';
import { useSession } from '../../app/use-session.ts';
import { NewPasswordInput, newPasswordProblem } from '../../components/new-password-input.tsx';
import { ProblemNotice, useRefusalWait } from '../../components/problem-notice.tsx';
import { sayDuration } from '../../components/use-countdown.ts';
import { useFieldProblems } from '../../components/use-field-problems.ts';

/** A new account; afterwards its owner logs in. */
export default function SignupPage() {
  const state = useSession();
  const navigate = useNavigate();
  const signUp = useSignUp();
  const form = useForm({
    initialValues: { username: '', email: '', password: '', department: '', job_title: '' },
    validate: {
      username: (name) =>
        [...name].length < account.username.min ? `Use at least ${account.username.min} characters.` : null,
      password: (password, { username }) => newPasswordProblem(password, username),
    },
  });
  const elsewhere = useFieldProblems(form, signUp.error, { username_taken: 'username', email_taken: 'email' });
  const wait = useRefusalWait(signUp.error);

  if (state.kind === 'signed-in') return <Navigate to="/dashboard" replace />;

  function register({ department, job_title, ...needed }: typeof form.values): void {
    const registration: Registration = {
      ...needed,
      ...(department && { department }),
      ...(job_title && { job_title }),
    };
    signUp.mutate(registration, {
      onSuccess: () => navigate('/login', { state: { because: 'signed-up', username: registration.username } }),
    });
  }

  return (
    <Entrance
      title="Sign up"
      below={
        <>
          Have an account?{' '}
          <Anchor inherit underline="always" component={Link} to="/login">
            Log in
          </Anchor>
        </>
      }
    >
      <form onSubmit={form.onSubmit(register)}>
        <Stack>
          <ProblemNotice error={elsewhere} />
          <TextInput
            label="Username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={account.username.max}
            required
            autoFocus
            {...form.getInputProps('username')}
          />
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="email"
            maxLength={account.emailLength}
            required
            {...form.getInputProps('email')}
          />
          <NewPasswordInput
            label="Password"
            username={form.values.username}
            {...form.getInputProps('password')}
            value={form.values.password}
          />
          <Group grow align="flex-start">
            <TextInput
              label="Department"
              description="Optional"
              autoComplete="off"
              maxLength={account.textLength}
              {...form.getInputProps('department')}
            />
            <TextInput
              label="Job title"
              description="Optional"
              autoComplete="organization-title"
              maxLength={account.textLength}
              {...form.getInputProps('job_title')}
            />
          </Group>
          <Button type="submit" loading={signUp.isPending} disabled={wait > 0} fullWidth>
            {wait > 0 ? `Wait ${sayDuration(wait)}` : 'Create account'}
          </Button>
        </Stack>
      </form>
    </Entrance>
  );
}
