import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { otp } from '../../../shared/domain/policy.ts';
import { useChangeConfig } from '../api/change-config.ts';
import { notify } from '../components/notify.ts';
import { ProblemNotice, useRefusalWait } from '../components/problem-notice.tsx';
import { rangeOf } from '../components/range-of.ts';
import { useFieldProblems } from '../components/use-field-problems.ts';
import type { ConfigDialogProps } from './config-menu.tsx';

/** Changes the names of a configuration and how much it tolerates. */
export default function EditDialog({ config, onClose }: ConfigDialogProps) {
  const change = useChangeConfig();
  const form = useForm({
    initialValues: {
      name: config.name,
      issuer: config.issuer,
      account: config.account,
      window: String(config.window),
      look_ahead: String(config.look_ahead),
    },
  });
  const elsewhere = useFieldProblems(form, change.error);
  const wait = useRefusalWait(change.error);
  const isTotp = config.otp_type === 'totp';

  function save({ name, issuer, account, window, look_ahead }: typeof form.values): void {
    const tolerance = isTotp ? { window: Number(window) } : { look_ahead: Number(look_ahead) };
    change.mutate(
      { params: { config_id: config.id }, body: { name, issuer, account, ...tolerance } },
      {
        onSuccess: () => {
          void notify('Saved.');
          onClose();
        },
      },
    );
  }

  return (
    <Modal opened onClose={onClose} title={`Edit ${config.name}`}>
      <form onSubmit={form.onSubmit(save)}>
        <Stack>
          <ProblemNotice error={elsewhere} />
          <TextInput
            label="Name"
            required
            maxLength={otp.nameLength}
            autoComplete="off"
            data-autofocus
            {...form.getInputProps('name')}
          />
          <TextInput
            label="Issuer"
            description="Optional: the service that the codes are for"
            maxLength={otp.issuerLength}
            autoComplete="off"
            {...form.getInputProps('issuer')}
          />
          <TextInput
            label="Account"
            description="Optional: whose account it is there"
            maxLength={otp.accountLength}
            autoComplete="off"
            {...form.getInputProps('account')}
          />
          {isTotp ? (
            <NativeSelect
              label="Tolerance"
              description="So many codes before and after the current one are accepted too"
              data={rangeOf(otp.window)}
              {...form.getInputProps('window')}
            />
          ) : (
            <NativeSelect
              label="Look-ahead"
              description="So many skipped codes are tolerated"
              data={rangeOf(otp.lookAhead)}
              {...form.getInputProps('look_ahead')}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={change.isPending} disabled={wait > 0}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
