import { Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { CopyButton } from '../../components/copy-action.tsx';
import { downloadText } from '../../components/download-text.ts';
import classes from './settings-page.module.css';

/** New recovery codes, the only time that they are shown: the person says that they are kept before they go. */
export function RecoveryCodeList({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const [kept, setKept] = useState(false);
  return (
    <Stack>
      <Text size="sm">
        Each of these codes opens your account once, in place of the app, should you lose your phone. They are shown
        this once: keep them where you keep your passwords.
      </Text>
      <ol className={classes.codes} aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <Group gap="xs">
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          onClick={() => downloadText('otp-recovery-codes.txt', 'text/plain', [codes.join('\n'), '\n'])}
        >
          Download
        </Button>
        <CopyButton text={codes.join('\n')} label="Copy all" />
      </Group>
      <Checkbox
        label="I have kept these codes"
        checked={kept}
        onChange={(event) => setKept(event.currentTarget.checked)}
      />
      <Button disabled={!kept} w="fit-content" onClick={onDone}>
        Done
      </Button>
    </Stack>
  );
}
