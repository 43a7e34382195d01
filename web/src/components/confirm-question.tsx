import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ConfirmDialogProps } from './confirm-dialog.tsx';
import { ProblemNotice, useRefusalWait } from './problem-notice.tsx';

/** The question itself; the default export that `lazy` asks for. */
export default function ConfirmQuestion({
  title,
  children,
  confirmLabel,
  typed,
  error,
  waiting,
  onConfirm,
  onClose,
}: ConfirmDialogProps) {
  const [written, setWritten] = useState('');
  const wait = useRefusalWait(error);
  const isWritten = typed === undefined || written.trim() === typed.trim();

  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isWritten) onConfirm();
        }}
      >
        <Stack>
          <div>{children}</div>
          <ProblemNotice error={error} />
          {typed !== undefined && (
            <TextInput
              label={`To confirm, write “${typed}”`}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
              value={written}
              onChange={(event) => setWritten(event.currentTarget.value)}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} {...(typed === undefined && { 'data-autofocus': true })}>
              Cancel
            </Button>
            <Button type="submit" color="red" disabled={!isWritten || wait > 0} loading={waiting}>
              {confirmLabel}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
