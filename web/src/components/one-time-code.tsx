import { VisuallyHidden } from '@mantine/core';
import classes from './one-time-code.module.css';

/** A code in groups that the eye can keep; a screen reader says it digit by digit. */
export function OneTimeCode({ code, size = 'md' }: { code: string; size?: 'sm' | 'md' | 'lg' }) {
  const half = Math.ceil(code.length / 2);
  return (
    <span className={classes.code} data-size={size}>
      <span aria-hidden className={classes.digits}>
        <span>{code.slice(0, half)}</span>
        <span>{code.slice(half)}</span>
      </span>
      <VisuallyHidden>{[...code].join(' ')}</VisuallyHidden>
    </span>
  );
}
