import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useResyncConfig } from '../api/resync-config.ts';
import { CodeInput } from '../components/code-input.tsx';
import { ProblemNotice, useRefusalWait } from '../components/problem-notice.tsx';
import { useFieldProblems } from '../components/use-field-problems.ts';
import type { ConfigDialogProps } from './config-menu.tsx';

/** Brings the service and a device together again: RFC 4226 §7.4 for a counter, a clock's drift otherwise. */
export default function ResyncDialog({ config, onClose }: ConfigDialogProps) {
  const resync = useResyncConfig();
  const form = useForm({ initialValues: { code1: '', code2: '' } });
  const elsewhere = useFieldProblems(form, resync.error);
  const wait = useRefusalWait(resync.error);
  const done = resync.data;

  return (
    <Modal opened onClose={onClose} title={`Resynchronise ${config.name}`}>
      {done ? (
        <Stack>
          <Alert color="green" title="Back in step" role="status">
            {done.counter !== undefined && `The service now expects counter ${done.counter}.`}
            {done.drift_steps !== undefined && driftWords(done.drift_steps)}
          </Alert>
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={form.onSubmit((body) => resync.mutate({ params: { config_id: config.id }, body }))}>
          <Stack>
            <Text size="sm">
              {config.otp_type === 'hotp'
                ? 'If the device was pressed too often, its codes are no longer accepted. Enter two codes that it shows one after the other.'
                : 'If the device’s clock is off, its codes are no longer accepted. Enter two codes that it shows one after the other.'}
            </Text>
            <ProblemNotice error={elsewhere} />
            <CodeInput
              label="First code"
              length={config.digits}
              required
              data-autofocus
              {...form.getInputProps('code1')}
              value={form.values.code1}
              onCode={(code) => form.setFieldValue('code1', code)}
            />
            <CodeInput
              label="The code right after it"
              length={config.digits}
              required
              {...form.getInputProps('code2')}
              value={form.values.code2}
              onCode={(code) => form.setFieldValue('code2', code)}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={resync.isPending} disabled={wait > 0}>
                Resynchronise
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

function driftWords(steps: number): string {
  if (steps === 0) return 'The device’s clock is right.';
  const count = Math.abs(steps);
  return `The device is ${count} ${count === 1 ? 'step' : 'steps'} ${steps > 0 ? 'ahead' : 'behind'}; the service remembers that.`;
}
