import { Button, Checkbox, FileButton, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { IconCamera, IconPhoto } from '@tabler/icons-react';
import { type DragEvent, useRef, useState } from 'react';
import { useImportConfigs } from '../../../api/import-configs.ts';
import { announce } from '../../../components/announcer.tsx';
import { ProblemNotice, useRefusalWait } from '../../../components/problem-notice.tsx';
import { CameraReader } from './camera-reader.tsx';
import classes from './import-dialog.module.css';
import { ImportResults } from './import-results.tsx';

/** Takes configurations over from another app: as text, as pictures of QR codes, or through the camera. */
export default function ImportDialog({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  // Several pictures may be read before the next drawing.
  const latest = useRef('');
  const [short, setShort] = useState(false);
  const [camera, setCamera] = useState(false);
  const [unread, setUnread] = useState<readonly string[]>([]);
  const [over, setOver] = useState(false);
  const check = useImportConfigs();
  const take = useImportConfigs();
  const wait = useRefusalWait(take.error ?? check.error);
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

  function change(next: string): void {
    latest.current = next;
    setText(next);
    // What was checked was another text.
    check.reset();
    take.reset();
  }

  /** The camera tells what it sees again and again; only what is new changes something. */
  function add(found: string): void {
    if (latest.current.split('\n').includes(found)) return;
    announce('QR code read');
    change([latest.current.trim(), found].filter(Boolean).join('\n'));
  }

  async function readPictures(files: readonly File[]): Promise<void> {
    const { readQrPicture } = await import('./qr-reader.ts');
    const failed: string[] = [];
    for (const file of files) {
      const found = await readQrPicture(file).catch(() => undefined);
      if (found === undefined) failed.push(file.name);
      else add(found);
    }
    setUnread(failed);
  }

  function drop(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    void readPictures([...event.dataTransfer.files]);
  }

  if (take.data) {
    return (
      <Modal opened onClose={onClose} title="Imported" size="lg">
        <Stack>
          <ImportResults answer={take.data} />
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      </Modal>
    );
  }

  const body = { data: lines, ...(short && { allow_short_secret: true }) };
  const ready = check.data?.created ?? 0;
  return (
    <Modal opened onClose={onClose} title="Import" size="lg">
      <Stack>
        <fieldset
          className={classes.drop}
          data-over={over || undefined}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <legend className={classes.legend}>QR codes</legend>
          <Text size="sm" c="dimmed">
            Drop pictures of QR codes here, also those of Google Authenticator’s export, or
          </Text>
          <Group gap="xs" justify="center">
            <FileButton multiple accept="image/*" onChange={(files) => void readPictures(files)}>
              {(props) => (
                <Button {...props} variant="default" leftSection={<IconPhoto size={16} />}>
                  Choose pictures
                </Button>
              )}
            </FileButton>
            <Button variant="default" leftSection={<IconCamera size={16} />} onClick={() => setCamera(true)}>
              Use camera
            </Button>
          </Group>
          {unread.length > 0 && (
            <Text size="sm" c="red" role="alert">
              No QR code could be read in {unread.join(', ')}. Cut the picture to the code, or take it larger.
            </Text>
          )}
        </fieldset>
        {camera && <CameraReader onCode={add} onClose={() => setCamera(false)} />}
        <Textarea
          label="URIs, one a line"
          placeholder="otpauth://totp/…"
          rows={5}
          data-autofocus
          spellCheck={false}
          classNames={{ input: classes.text ?? '' }}
          value={text}
          onChange={(event) => change(event.currentTarget.value)}
        />
        <Checkbox
          label="Take secrets shorter than 128 bits too"
          checked={short}
          onChange={(event) => {
            setShort(event.currentTarget.checked);
            check.reset();
          }}
        />
        <ProblemNotice error={take.error ?? check.error} />
        {check.data && <ImportResults answer={check.data} isPreview />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          {check.data ? (
            <Button disabled={ready === 0 || wait > 0} loading={take.isPending} onClick={() => take.mutate({ body })}>
              Import {ready}
            </Button>
          ) : (
            <Button
              disabled={lines.length === 0 || wait > 0}
              loading={check.isPending}
              onClick={() => check.mutate({ body: { ...body, dry_run: true } })}
            >
              Check
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
