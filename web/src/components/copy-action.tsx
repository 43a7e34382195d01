import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCopy } from '@tabler/icons-react';
import { useCopy } from './use-copy.ts';

const words = { copied: 'Copied', failed: 'Not copied: select it by hand' };
const icons = { copied: IconCheck, failed: IconAlertTriangle };

/** A small button that copies a text. */
export function CopyIcon({ text, label }: { text: string; label: string }) {
  const { copy, outcome } = useCopy();
  const Icon = outcome ? icons[outcome] : IconCopy;
  return (
    <Tooltip label={outcome ? words[outcome] : label} {...(outcome && { opened: true })}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} onClick={() => void copy(text)}>
        <Icon size={18} />
      </ActionIcon>
    </Tooltip>
  );
}

/** A button with words that copies a text. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const { copy, outcome } = useCopy();
  const Icon = outcome ? icons[outcome] : IconCopy;
  return (
    <Button variant="default" leftSection={<Icon size={16} />} onClick={() => void copy(text)}>
      {outcome ? words[outcome] : label}
    </Button>
  );
}
