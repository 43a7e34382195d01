import { UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { OneTimeCode } from '../components/one-time-code.tsx';
import { useCopy } from '../components/use-copy.ts';
import classes from './code-card.module.css';

/** A code that is copied when it is pressed. Its name to a screen reader ends with the digits, one by one. */
export function CodeButton({ code, of }: { code: string; of: string }) {
  const { copy, outcome } = useCopy();
  const isCopied = outcome === 'copied';
  const Icon = isCopied ? IconCheck : IconCopy;
  return (
    <UnstyledButton className={classes.code} onClick={() => void copy(code)}>
      <VisuallyHidden>Copy the code of {of}: </VisuallyHidden>
      <OneTimeCode code={code} />
      <Icon size={18} aria-hidden className={isCopied ? classes.copied : classes.copy} />
    </UnstyledButton>
  );
}
