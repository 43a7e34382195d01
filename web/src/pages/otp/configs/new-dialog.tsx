import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import { Link } from 'react-router';
import { useCreateConfig } from '../../../api/create-config.ts';
import { SecretSheet } from '../../../components/secret-sheet.tsx';
import { NewConfigForm } from './new-config-form.tsx';

/** Creates a configuration and shows its secret, to be scanned at once. */
export default function NewDialog({ onClose }: { onClose: () => void }) {
  const create = useCreateConfig();
  const made = create.data;

  if (!made) {
    return (
      <Modal opened onClose={onClose} title="New configuration" size="lg">
        <NewConfigForm
          error={create.error}
          waiting={create.isPending}
          onSubmit={(body) => create.mutate({ body })}
          onCancel={onClose}
        />
      </Modal>
    );
  }
  return (
    <Modal opened onClose={onClose} title={`${made.name} is ready`} size="lg">
      <Stack>
        <SecretSheet secret={made.secret} uri={made.otpauth_uri} qrSvg={made.qr_svg} />
        <Alert color="gray">
          Later you can see the secret again under “Show QR and secret”; that needs your password.
        </Alert>
        <Group justify="flex-end">
          <Button variant="default" component={Link} to={`/otp/validate/${made.id}`}>
            Test a code
          </Button>
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
