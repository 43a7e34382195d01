import { Alert, Button, Group, Modal, Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import { useExportConfigs } from '../../../api/export-configs.ts';
import { ProblemNotice, useRefusalWait } from '../../../components/problem-notice.tsx';
import { ConfigChoice } from '../../../config-actions/config-choice.tsx';
import { ExportResult } from './export-result.tsx';

/** Hands out the secrets of configurations, for another authenticator. */
export default function ExportDialog({ onClose }: { onClose: () => void }) {
  const [format, setFormat] = useState<'otpauth' | 'migration'>('otpauth');
  const [chosen, setChosen] = useState<readonly number[]>();
  const hand = useExportConfigs();
  const wait = useRefusalWait(hand.error);

  if (hand.data) {
    return (
      <Modal opened onClose={onClose} title="Exported" size="lg">
        <Stack>
          <ExportResult exported={hand.data} />
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      </Modal>
    );
  }

  return (
    <Modal opened onClose={onClose} title="Export" size="lg">
      <Stack>
        <Alert color="yellow">
          Whoever holds what you export can make your codes. Keep it only where you would keep your passwords.
        </Alert>
        <Radio.Group
          label="For"
          value={format}
          onChange={(value) => setFormat(value === 'migration' ? 'migration' : 'otpauth')}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="otpauth" label="Most apps: a file with an otpauth URI a line" />
            <Radio value="migration" label="Google Authenticator: QR codes to scan" />
          </Stack>
        </Radio.Group>
        <ConfigChoice label="Which" chosen={chosen} onChange={setChosen} />
        <ProblemNotice error={hand.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            loading={hand.isPending}
            disabled={chosen?.length === 0 || wait > 0}
            onClick={() => hand.mutate({ body: { format, ...(chosen && { config_ids: [...chosen] }) } })}
          >
            Export
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
