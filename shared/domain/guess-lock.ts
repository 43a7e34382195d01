import { guessing } from './policy.ts';

/** The run of wrong guesses of one configuration or one MFA secret; a success ends the run. */
export interface GuessRun {
  readonly failures: number;
  readonly last_failure_ms: number;
}

/**
 * The instant from which one more guess may be tried: `undefined` when at once, `'forever'` when only `unlock` or a new
 * secret helps. It is an instant, not a duration, so a clock that stepped back re-opens nothing.
 */
export function lockedUntil({ failures, last_failure_ms }: GuessRun): number | 'forever' | undefined {
  if (failures >= guessing.lockAtFailure) return 'forever';
  if (failures < guessing.waitFromFailure) return undefined;
  const waitSeconds = Math.min(2 ** (failures - guessing.waitFromFailure), guessing.waitSecondsMax);
  return last_failure_ms + waitSeconds * 1000;
}

/** Whether a guess must be refused now; `retryAfterSeconds` is absent when waiting does not help. */
export function guessLock(
  run: GuessRun | undefined,
  nowMs: number,
): { readonly locked: false } | { readonly locked: true; readonly retryAfterSeconds?: number } {
  const until = run && lockedUntil(run);
  if (until === 'forever') return { locked: true };
  if (until === undefined || until <= nowMs) return { locked: false };
  return { locked: true, retryAfterSeconds: Math.ceil((until - nowMs) / 1000) };
}

/** The run after one more wrong guess. Its instant never moves back with the clock: that would shorten the wait. */
export function afterWrongGuess(run: GuessRun | undefined, nowMs: number): GuessRun {
  return {
    failures: (run?.failures ?? 0) + 1,
    last_failure_ms: Math.max(run?.last_failure_ms ?? nowMs, nowMs),
  };
}
