import {
  Button,
  Checkbox,
  Group,
  NativeSelect,
  NumberInput,
  SegmentedControl,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMediaQuery } from '@mantine/hooks';
import { otp } from '../../../../../shared/domain/policy.ts';
import { ProblemNotice, useRefusalWait } from '../../../components/problem-notice.tsx';
import { rangeOf } from '../../../components/range-of.ts';
import { sayDuration } from '../../../components/use-countdown.ts';
import { useFieldProblems } from '../../../components/use-field-problems.ts';
import { type ConfigDraft, emptyConfig, type NewConfig, newConfigOf } from './new-config.ts';
import classes from './new-config-form.module.css';

const advancedFields = ['algorithm', 'digits', 'interval', 'window', 'counter', 'look_ahead'] as const;

/** Everything that a new configuration can be given; what few need is folded away. */
export function NewConfigForm({
  error,
  waiting,
  onSubmit,
  onCancel,
}: {
  error: Error | null;
  waiting: boolean;
  onSubmit: (body: NewConfig) => void;
  onCancel: () => void;
}) {
  const form = useForm<ConfigDraft>({ initialValues: emptyConfig });
  const elsewhere = useFieldProblems(form, error);
  const wait = useRefusalWait(error);
  // On a phone the choices stand below one another, each whole.
  const orientation = useMediaQuery('(max-width: 30em)', undefined, { getInitialValueInEffect: false })
    ? 'vertical'
    : 'horizontal';
  const { source, otp_type } = form.values;
  const hasAdvancedError = advancedFields.some((field) => form.errors[field]);

  return (
    <form onSubmit={form.onSubmit((values) => onSubmit(newConfigOf(values)))}>
      <Stack>
        <ProblemNotice error={elsewhere} />
        <SegmentedControl
          fullWidth
          aria-label="Where the secret comes from"
          orientation={orientation}
          data={[
            { value: 'new', label: 'New secret' },
            { value: 'secret', label: 'I have a secret' },
            { value: 'uri', label: 'I have a URI' },
          ]}
          {...form.getInputProps('source')}
        />
        <TextInput
          label="Name"
          description={source === 'uri' ? 'Optional: else the one in the URI' : undefined}
          required={source !== 'uri'}
          maxLength={otp.nameLength}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('name')}
        />
        {source === 'uri' && (
          <Textarea
            label="otpauth URI"
            placeholder="otpauth://totp/…"
            required
            autosize={false}
            rows={3}
            maxLength={otp.uriLength}
            spellCheck={false}
            {...form.getInputProps('otpauth_uri')}
          />
        )}
        {source === 'secret' && (
          <TextInput
            label="Secret"
            description="Base32: letters and the digits 2 to 7; spaces do not matter"
            required
            autoComplete="off"
            spellCheck={false}
            {...form.getInputProps('secret')}
          />
        )}
        {source !== 'new' && (
          <Checkbox
            label="The secret is shorter than 128 bits"
            description="Some services still give such secrets. They are easier to guess."
            {...form.getInputProps('allow_short_secret', { type: 'checkbox' })}
          />
        )}
        {source !== 'uri' && (
          <>
            <SegmentedControl
              fullWidth
              aria-label="Type"
              orientation={orientation}
              data={[
                { value: 'totp', label: 'Time-based (TOTP)' },
                { value: 'hotp', label: 'Counter-based (HOTP)' },
              ]}
              {...form.getInputProps('otp_type')}
            />
            <div className={classes.pair}>
              <TextInput
                label="Issuer"
                description="Optional: the service it is for"
                maxLength={otp.issuerLength}
                autoComplete="off"
                {...form.getInputProps('issuer')}
              />
              <TextInput
                label="Account"
                description="Optional: whose account it is"
                maxLength={otp.accountLength}
                autoComplete="off"
                {...form.getInputProps('account')}
              />
            </div>
            <details className={classes.advanced} open={hasAdvancedError || undefined}>
              <summary className={classes.summary}>Algorithm, digits and tolerance</summary>
              <div className={classes.pair}>
                <NativeSelect
                  label="Algorithm"
                  data={[
                    { value: 'sha1', label: 'SHA-1 (every app knows it)' },
                    { value: 'sha256', label: 'SHA-256' },
                    { value: 'sha512', label: 'SHA-512' },
                  ]}
                  {...form.getInputProps('algorithm')}
                />
                <NativeSelect label="Digits" data={rangeOf(otp.digits)} {...form.getInputProps('digits')} />
                {otp_type === 'totp' ? (
                  <>
                    <NumberInput
                      label="Seconds a code"
                      min={otp.intervalSeconds.min}
                      max={otp.intervalSeconds.max}
                      allowDecimal={false}
                      {...form.getInputProps('interval')}
                    />
                    <NativeSelect
                      label="Tolerance, in codes"
                      data={rangeOf(otp.window)}
                      {...form.getInputProps('window')}
                    />
                  </>
                ) : (
                  <>
                    <NumberInput
                      label="Counter to begin with"
                      min={0}
                      max={otp.counterMax}
                      allowDecimal={false}
                      allowNegative={false}
                      {...form.getInputProps('counter')}
                    />
                    <NativeSelect
                      label="Look-ahead, in codes"
                      data={rangeOf(otp.lookAhead)}
                      {...form.getInputProps('look_ahead')}
                    />
                  </>
                )}
              </div>
            </details>
          </>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={waiting} disabled={wait > 0}>
            {wait > 0 ? `Wait ${sayDuration(wait)}` : 'Create'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
