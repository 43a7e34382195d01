import { lazy, type ReactNode, Suspense } from 'react';

const ConfirmQuestion = lazy(() => import('./confirm-question.tsx'));

/** What is asked before something is destroyed. */
export interface ConfirmDialogProps {
  readonly title: string;
  /** What is destroyed, in words. */
  readonly children: ReactNode;
  /** Says what is destroyed once more, on the button. */
  readonly confirmLabel: string;
  /** A name that has to be written out first, for what cannot be brought back. */
  readonly typed?: string;
  readonly error: Error | null;
  readonly waiting: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something is destroyed. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Suspense>
      <ConfirmQuestion {...props} />
    </Suspense>
  );
}
