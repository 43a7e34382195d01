import { Alert, Button, Group, NativeSelect, NumberInput, Stack, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { account, session } from '../../../../shared/domain/policy.ts';
import { useChangeUser } from '../../api/change-user.ts';
import type { UserForAdmin } from '../../api/list-users.ts';
import { notify } from '../../components/notify.ts';
import { ProblemNotice, useRefusalWait } from '../../components/problem-notice.tsx';
import { rangeOf } from '../../components/range-of.ts';
import { useFieldProblems } from '../../components/use-field-problems.ts';
import classes from './admin-page.module.css';

/** What an administrator may change of a user. */
export function UserForm({ user, onClose }: { user: UserForAdmin; onClose: () => void }) {
  const change = useChangeUser();
  const form = useForm<{
    is_active: boolean;
    is_admin: boolean;
    must_change_password: boolean;
    access_level: string;
    session_timeout: number | string;
    department: string;
    job_title: string;
  }>({
    initialValues: {
      is_active: user.is_active,
      is_admin: user.is_admin,
      must_change_password: user.must_change_password,
      access_level: String(user.access_level),
      session_timeout: user.session_timeout,
      department: user.department ?? '',
      job_title: user.job_title ?? '',
    },
  });
  const elsewhere = useFieldProblems(form, change.error);
  const wait = useRefusalWait(change.error);
  const { values } = form;

  function save(): void {
    change.mutate(
      {
        params: { user_id: user.id },
        body: {
          is_active: values.is_active,
          is_admin: values.is_admin,
          must_change_password: values.must_change_password,
          access_level: Number(values.access_level),
          session_timeout: Number(values.session_timeout),
          department: values.department || null,
          job_title: values.job_title || null,
        },
      },
      {
        onSuccess: () => {
          void notify(`${user.username} is saved.`);
          onClose();
        },
      },
    );
  }

  return (
    <form onSubmit={form.onSubmit(save)}>
      <Stack>
        <ProblemNotice error={elsewhere} />
        <Switch
          label="Active"
          description="Who is not active cannot log in, and the API keys stop working"
          {...form.getInputProps('is_active', { type: 'checkbox' })}
        />
        <Switch
          label="Administrator"
          description="Sees all users, the metrics and the audit trail"
          {...form.getInputProps('is_admin', { type: 'checkbox' })}
        />
        <Switch
          label="Must change the password"
          description="Nothing else works until it is done"
          {...form.getInputProps('must_change_password', { type: 'checkbox' })}
        />
        <div className={classes.pair}>
          <NativeSelect
            label="Access level"
            data={rangeOf(account.accessLevel)}
            {...form.getInputProps('access_level')}
          />
          <NumberInput
            label="Session ends after, in minutes"
            min={session.idleMinutes.min}
            max={session.idleMinutes.max}
            allowDecimal={false}
            {...form.getInputProps('session_timeout')}
          />
          <TextInput label="Department" maxLength={account.textLength} {...form.getInputProps('department')} />
          <TextInput label="Job title" maxLength={account.textLength} {...form.getInputProps('job_title')} />
        </div>
        {user.is_active && !values.is_active && (
          <Alert color="yellow" role="status">
            Saving ends all sessions of {user.username} at once.
          </Alert>
        )}
        {!user.is_admin && values.is_admin && (
          <Alert color="yellow" role="status">
            Saving gives {user.username} all rights over this service, yours included.
          </Alert>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending} disabled={!form.isDirty() || wait > 0}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
