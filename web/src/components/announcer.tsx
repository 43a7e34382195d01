import { VisuallyHidden } from '@mantine/core';
import { useSyncExternalStore } from 'react';

let said = '';
let turn = 0;
const listeners = new Set<() => void>();

/** Lets a screen reader say something that the eye sees anyway, such as that a code was copied. */
export function announce(text: string): void {
  turn += 1;
  // The same words twice are no change of the text; an invisible character makes them one.
  said = turn % 2 === 0 ? text : `${text}\u200b`;
  for (const listener of listeners) listener();
}

/** Where announcements appear; once in the page. */
export function Announcer() {
  const text = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => said,
  );
  return (
    <VisuallyHidden>
      <div aria-live="polite">{text}</div>
    </VisuallyHidden>
  );
}
