import { Button, Paper, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { OtpConfig } from '../../../api/list-configs.ts';
import { useValidateCode } from '../../../api/validate-code.ts';
import { CodeInput } from '../../../components/code-input.tsx';
import { ProblemNotice, useRefusalWait } from '../../../components/problem-notice.tsx';
import { sayDuration } from '../../../components/use-countdown.ts';
import { useFieldProblems } from '../../../components/use-field-problems.ts';
import { ValidationVerdict } from './validation-verdict.tsx';

/** A code and the verdict on it. */
export function ValidateForm({ config }: { config: OtpConfig }) {
  const validate = useValidateCode();
  const form = useForm({
    initialValues: { otp_code: '', counter: '' },
    validate: {
      counter: (text) => (/^\d*$/.test(text) ? null : 'A counter is a whole number.'),
      otp_code: (code) => (code.length < config.digits ? `Enter all ${config.digits} digits.` : null),
    },
  });
  const elsewhere = useFieldProblems(form, validate.error);
  const wait = useRefusalWait(validate.error);

  function check({ otp_code, counter }: typeof form.values): void {
    validate.mutate(
      { body: { config_id: config.id, otp_code, ...(counter !== '' && { counter: Number(counter) }) } },
      { onSuccess: ({ is_valid }) => is_valid && form.setFieldValue('otp_code', '') },
    );
  }

  return (
    <Paper p="lg">
      <form onSubmit={form.onSubmit(check)}>
        <Stack maw="24rem">
          <ProblemNotice error={elsewhere} />
          <CodeInput
            label="Code"
            length={config.digits}
            autoFocus
            {...form.getInputProps('otp_code')}
            value={form.values.otp_code}
            onCode={(code) => {
              form.setFieldValue('otp_code', code);
              // The verdict was on another code.
              if (code !== '') validate.reset();
            }}
          />
          {config.otp_type === 'hotp' && (
            <TextInput
              label="Counter"
              description="Optional: accept the code of this counter only"
              inputMode="numeric"
              autoComplete="off"
              {...form.getInputProps('counter')}
            />
          )}
          <Button type="submit" loading={validate.isPending} disabled={wait > 0} w="fit-content">
            {wait > 0 ? `Wait ${sayDuration(wait)}` : 'Validate'}
          </Button>
        </Stack>
      </form>
      <div aria-live="polite">{validate.data && <ValidationVerdict validation={validate.data} config={config} />}</div>
    </Paper>
  );
}
