import { Anchor, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { mfa } from '../../../shared/domain/policy.ts';
import type { ProofRequest } from '../api/proof.ts';
import { useReadMe } from '../api/read-me.ts';
import { useStepUp } from '../api/step-up.ts';
import { CodeInput } from '../components/code-input.tsx';
import { PasswordField } from '../components/password-field.tsx';
import { ProblemNotice, useRefusalWait } from '../components/problem-notice.tsx';
import { useFieldProblems } from '../components/use-field-problems.ts';

/** Asks for the password, and for a code where MFA is on; the call that waited is then made again. */
export default function ProofDialog({ request }: { request: ProofRequest }) {
  const me = useReadMe();
  const stepUp = useStepUp();
  const form = useForm({ initialValues: { password: '', mfa_code: '', recovery_code: '', byRecovery: false } });
  const elsewhere = useFieldProblems(form, stepUp.error, { wrong_password: 'password' });
  const wait = useRefusalWait(stepUp.error);
  const { byRecovery } = form.values;
  const needsCode = me.data?.mfa_enabled === true || stepUp.data?.mfa_required === true;

  async function prove(values: typeof form.values): Promise<void> {
    const answer = await stepUp.mutateAsync({
      body: {
        password: values.password,
        ...(needsCode && !byRecovery && values.mfa_code && { mfa_code: values.mfa_code }),
        ...(needsCode && byRecovery && { recovery_code: values.recovery_code }),
      },
    });
    if (!answer.mfa_required) request.answer(true);
  }

  return (
    <Modal opened onClose={() => request.answer(false)} title="Confirm it is you">
      <form onSubmit={form.onSubmit((values) => prove(values).catch(() => undefined))}>
        <Stack>
          <Text size="sm" c="dimmed">
            What you are about to do needs your password again. It then holds for five minutes.
          </Text>
          <ProblemNotice error={elsewhere} />
          <PasswordField
            label="Password"
            autoComplete="current-password"
            required
            data-autofocus
            {...form.getInputProps('password')}
          />
          {needsCode && !byRecovery && (
            <CodeInput
              label="Code from your authenticator app"
              length={mfa.digits}
              required
              {...form.getInputProps('mfa_code')}
              value={form.values.mfa_code}
              onCode={(code) => form.setFieldValue('mfa_code', code)}
            />
          )}
          {needsCode && byRecovery && (
            <TextInput label="Recovery code" autoComplete="off" required {...form.getInputProps('recovery_code')} />
          )}
          {needsCode && (
            <Anchor
              component="button"
              type="button"
              size="sm"
              onClick={() => form.setFieldValue('byRecovery', !byRecovery)}
            >
              {byRecovery ? 'Use the authenticator app' : 'Use a recovery code'}
            </Anchor>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => request.answer(false)}>
              Cancel
            </Button>
            <Button type="submit" loading={stepUp.isPending} disabled={wait > 0}>
              Confirm
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
