import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { type AuditFormat, exportAuditPage } from '../../api/export-audit-logs.ts';
import type { AuditFilter } from '../../api/list-audit-logs.ts';
import { downloadText } from '../../components/download-text.ts';
import { ProblemNotice, useRefusalWait } from '../../components/problem-notice.tsx';
import { type Collected, collectPages } from './collect-pages.ts';

const types = { ndjson: 'application/x-ndjson', csv: 'text/csv' } as const;

/** The entries of the filter as one file, put together page by page. */
export default function ExportDialog({ filter, onClose }: { filter: AuditFilter; onClose: () => void }) {
  const [format, setFormat] = useState<AuditFormat>('csv');
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  // What has come stays when a page fails, so that the rest can be asked for later.
  const [collected, setCollected] = useState<Collected>();
  const stop = useRef<AbortController>(undefined);
  const wait = useRefusalWait(error);

  useEffect(() => () => stop.current?.abort(), []);

  async function run(): Promise<void> {
    const controller = new AbortController();
    stop.current = controller;
    setRunning(true);
    setError(null);
    try {
      const all = await collectPages({
        from: collected,
        format,
        askPage: (cursor) => exportAuditPage(filter, format, cursor, controller.signal),
        onPage: setCollected,
      });
      downloadText(`audit.${format}`, types[format], all.parts);
    } catch (failure) {
      if (!controller.signal.aborted) setError(failure instanceof Error ? failure : new Error(String(failure)));
    } finally {
      setRunning(false);
    }
  }

  const isDone = collected !== undefined && collected.next === undefined;
  return (
    <Modal opened onClose={onClose} title="Export the audit trail">
      <Stack>
        <Text size="sm" c="dimmed">
          All entries that the filter lets through, the newest first.
        </Text>
        <Radio.Group
          label="As"
          value={format}
          onChange={(value) => {
            setFormat(value === 'ndjson' ? 'ndjson' : 'csv');
            setCollected(undefined);
          }}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="csv" label="CSV, for a spreadsheet" disabled={running} />
            <Radio value="ndjson" label="NDJSON, for a program" disabled={running} />
          </Stack>
        </Radio.Group>
        <Text size="sm" role="status">
          {collected && `${collected.entries} entries${isDone ? ', saved as a file.' : ' so far.'}`}
        </Text>
        <ProblemNotice error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {isDone ? 'Close' : 'Cancel'}
          </Button>
          {collected && !isDone && !running && (
            <Button
              variant="default"
              onClick={() => downloadText(`audit-part.${format}`, types[format], collected.parts)}
            >
              Save what has come
            </Button>
          )}
          {!isDone && (
            <Button loading={running} disabled={wait > 0} onClick={() => void run()}>
              {collected ? 'Go on' : 'Export'}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
