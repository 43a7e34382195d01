import { Button, Group, Paper, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { account } from '../../../../shared/domain/policy.ts';
import { useChangeMe } from '../../api/change-me.ts';
import type { Me } from '../../api/read-me.ts';
import { Fact, FactList } from '../../components/fact-list.tsx';
import { Moment } from '../../components/moment.tsx';
import { notify } from '../../components/notify.ts';
import { Section } from '../../components/page.tsx';
import { ProblemNotice, useRefusalWait } from '../../components/problem-notice.tsx';
import { useFieldProblems } from '../../components/use-field-problems.ts';

/** Who the person is: what they may change, and what an administrator has set. */
export default function ProfileSection({ me }: { me: Me }) {
  const change = useChangeMe();
  const form = useForm({
    initialValues: { email: me.email, department: me.department ?? '', job_title: me.job_title ?? '' },
  });
  const elsewhere = useFieldProblems(form, change.error, { email_taken: 'email' });
  const wait = useRefusalWait(change.error);

  function save({ email, department, job_title }: typeof form.values): void {
    change.mutate(
      { body: { email, department: department || null, job_title: job_title || null } },
      {
        onSuccess: () => {
          form.resetDirty();
          void notify('Your profile is saved.');
        },
      },
    );
  }

  return (
    <Stack gap="xl">
      <Section title="Profile">
        <Paper p="lg">
          <form onSubmit={form.onSubmit(save)}>
            <Stack maw="28rem">
              <ProblemNotice error={elsewhere} />
              <TextInput
                label="E-mail"
                type="email"
                autoComplete="email"
                required
                maxLength={account.emailLength}
                {...form.getInputProps('email')}
              />
              <TextInput
                label="Department"
                description="Optional"
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
              <Group>
                <Button type="submit" loading={change.isPending} disabled={!form.isDirty() || wait > 0}>
                  Save profile
                </Button>
              </Group>
            </Stack>
          </form>
        </Paper>
      </Section>
      <Section title="Account">
        <Paper p="lg">
          <FactList>
            <Fact name="Username">{me.username}</Fact>
            <Fact name="User id">{me.id}</Fact>
            <Fact name="Role">{me.is_admin ? 'Administrator' : 'User'}</Fact>
            <Fact name="Access level">{me.access_level}</Fact>
            <Fact name="Session ends">after {me.session_timeout} minutes without a request</Fact>
            <Fact name="Since">
              <Moment at={me.created_at} style="full" />
            </Fact>
            <Fact name="Last log-in">{me.last_login ? <Moment at={me.last_login} style="full" /> : 'Never'}</Fact>
          </FactList>
        </Paper>
      </Section>
    </Stack>
  );
}
