import { Button, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useChangePassword } from '../api/change-password.ts';
import { NewPasswordInput, newPasswordProblem } from './new-password-input.tsx';
import { notify } from './notify.ts';
import { PasswordField } from './password-field.tsx';
import { ProblemNotice, useRefusalWait } from './problem-notice.tsx';
import { sayDuration } from './use-countdown.ts';
import { useFieldProblems } from './use-field-problems.ts';

/** Changes one's password, which ends the other sessions. */
export function PasswordForm({ username }: { username: string }) {
  const change = useChangePassword();
  const form = useForm({
    initialValues: { current_password: '', new_password: '' },
    validate: { new_password: (password) => newPasswordProblem(password, username) },
  });
  const elsewhere = useFieldProblems(form, change.error, { wrong_password: 'current_password' });
  const wait = useRefusalWait(change.error);

  function submit(body: typeof form.values): void {
    change.mutate(
      { body },
      {
        onSuccess: () => {
          form.reset();
          void notify('Your password is changed. Your other sessions have ended.');
        },
      },
    );
  }

  return (
    <form onSubmit={form.onSubmit(submit)}>
      <Stack>
        <ProblemNotice error={elsewhere} />
        {/* For password managers: whose password this is. */}
        <input type="text" autoComplete="username" value={username} readOnly hidden />
        <PasswordField
          label="Current password"
          autoComplete="current-password"
          required
          {...form.getInputProps('current_password')}
        />
        <NewPasswordInput
          label="New password"
          username={username}
          {...form.getInputProps('new_password')}
          value={form.values.new_password}
        />
        <Button type="submit" loading={change.isPending} disabled={wait > 0} w="fit-content">
          {wait > 0 ? `Wait ${sayDuration(wait)}` : 'Change password'}
        </Button>
      </Stack>
    </form>
  );
}
