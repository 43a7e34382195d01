import { Button, Group, Modal, Stack } from '@mantine/core';
import { useEffect } from 'react';
import { Declined } from '../api/problem.ts';
import { useRevealConfig } from '../api/reveal-config.ts';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { SecretSheet } from '../components/secret-sheet.tsx';
import type { ConfigDialogProps } from './config-menu.tsx';

/** The secret of a configuration again, after the person has shown who they are. */
export default function SecretDialog({ config, onClose }: ConfigDialogProps) {
  const reveal = useRevealConfig();
  const { mutate, error, data } = reveal;

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once, when the dialog opens.
  useEffect(() => mutate({ params: { config_id: config.id } }), []);
  useEffect(() => {
    if (error instanceof Declined) onClose();
  }, [error, onClose]);

  // Behind the question for the password there is nothing to see yet.
  if (!data && !error) return null;
  return (
    <Modal opened onClose={onClose} title={`Secret of ${config.name}`} size="lg">
      <Stack>
        <ProblemNotice error={error} onRetry={() => mutate({ params: { config_id: config.id } })} />
        {data && <SecretSheet secret={data.secret} uri={data.otpauth_uri} qrSvg={data.qr_svg} />}
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
