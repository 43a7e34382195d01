import { useEffect, useState } from 'react';
import { announce } from './announcer.tsx';

const shownMs = 1_500;

/** Copies a text and says so: `copied` holds for a moment. Nothing else on the page changes. */
export function useCopy() {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>();

  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(undefined), shownMs);
    return () => clearTimeout(timer);
  }, [outcome]);

  async function copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('copied');
      announce('Copied');
    } catch {
      // Browsers refuse without focus or permission.
      setOutcome('failed');
      announce('Not copied. Select the text and copy it by hand.');
    }
  }

  return { copy, outcome };
}
