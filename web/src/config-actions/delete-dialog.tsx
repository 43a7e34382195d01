import { Text } from '@mantine/core';
import { useDeleteConfig } from '../api/delete-config.ts';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { notify } from '../components/notify.ts';
import type { ConfigDialogProps } from './config-menu.tsx';

/** Deletes a configuration once its name was written out. */
export default function DeleteDialog({ config, onClose, onDeleted }: ConfigDialogProps) {
  const remove = useDeleteConfig();
  return (
    <ConfirmDialog
      title="Delete configuration"
      confirmLabel="Delete and destroy the secret"
      typed={config.name}
      error={remove.error}
      waiting={remove.isPending}
      onClose={onClose}
      onConfirm={() =>
        remove.mutate(
          { params: { config_id: config.id } },
          {
            onSuccess: () => {
              void notify(`${config.name} is deleted.`);
              onClose();
              onDeleted();
            },
          },
        )
      }
    >
      <Text size="sm">
        The secret of <strong>{config.name}</strong> is destroyed at once, and nobody can bring it back. Codes of
        authenticator apps that hold it will no longer be accepted here.
      </Text>
    </ConfirmDialog>
  );
}
