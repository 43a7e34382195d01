import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import type { Exported } from '../../../api/export-configs.ts';
import { useListConfigs } from '../../../api/list-configs.ts';
import { CopyButton } from '../../../components/copy-action.tsx';
import { downloadText } from '../../../components/download-text.ts';
import { QrPicture } from '../../../components/qr-picture.tsx';

/** What was exported, to scan, to copy or to keep as a file; and what could not be. */
export function ExportResult({ exported }: { exported: Exported }) {
  const [part, setPart] = useState(0);
  const configs = useListConfigs({}).data?.pages.flatMap(({ rows }) => rows) ?? [];
  const pictures = exported.qr_svgs ?? [];
  const picture = pictures[part];
  const text = exported.data.join('\n');
  const nameOf = (id: number) => configs.find((config) => config.id === id)?.name ?? `No. ${id}`;

  return (
    <Stack>
      <Text size="sm" role="status">
        {exported.exported} {exported.exported === 1 ? 'configuration' : 'configurations'} exported.
      </Text>
      {picture && (
        <Stack align="center" gap="xs">
          <QrPicture svg={picture} label={`QR code ${part + 1} of ${pictures.length}`} size={280} />
          {pictures.length > 1 && (
            <Group gap="xs">
              <Button variant="default" size="xs" disabled={part === 0} onClick={() => setPart(part - 1)}>
                Previous
              </Button>
              <Text size="sm" role="status">
                {part + 1} of {pictures.length}
              </Text>
              <Button
                variant="default"
                size="xs"
                disabled={part === pictures.length - 1}
                onClick={() => setPart(part + 1)}
              >
                Next
              </Button>
            </Group>
          )}
          <Text size="sm" c="dimmed">
            In Google Authenticator: Transfer accounts, Import accounts. Scan{' '}
            {pictures.length === 1 ? 'it' : 'all of them'}.
          </Text>
        </Stack>
      )}
      {exported.data.length > 0 && (
        <Group gap="xs">
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            onClick={() => downloadText('otp-export.txt', 'text/plain', [text, '\n'])}
          >
            Download
          </Button>
          <CopyButton text={text} label="Copy all" />
        </Group>
      )}
      {exported.left_out.length > 0 && (
        <Alert color="yellow" title="Left out">
          {exported.left_out.map(({ config_id, reason }) => (
            <Text key={config_id} size="sm">
              {nameOf(config_id)}: {reason}
            </Text>
          ))}
        </Alert>
      )}
    </Stack>
  );
}
