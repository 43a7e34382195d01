import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterWrongGuess, type GuessRun, guessLock, lockedUntil } from './guess-lock.ts';

const at = 1_700_000_000_000;

describe('lockedUntil', () => {
  it.each([0, 1, 9])('%i failures lock nothing', (failures) => {
    expect(lockedUntil({ failures, last_failure_ms: at })).toBeUndefined();
  });

  it.each([
    [10, 1],
    [11, 2],
    [12, 4],
    [19, 512],
    [20, 900],
    [99, 900],
  ])('after %i failures the next try waits %i s', (failures, seconds) => {
    expect(lockedUntil({ failures, last_failure_ms: at })).toBe(at + seconds * 1000);
  });

  it.each([100, 101, 5000])('%i failures lock until someone unlocks', (failures) => {
    expect(lockedUntil({ failures, last_failure_ms: at })).toBe('forever');
  });

  it('never gets shorter by another failure', () => {
    const instant = (failures: number) => {
      const until = lockedUntil({ failures, last_failure_ms: at });
      return until === 'forever' ? Number.POSITIVE_INFINITY : (until ?? 0);
    };
    fc.assert(
      fc.property(fc.nat({ max: 120 }), (failures) => {
        expect(instant(failures + 1)).toBeGreaterThanOrEqual(instant(failures));
      }),
    );
  });
});

describe('guessLock', () => {
  it('is open before the first failure', () => {
    expect(guessLock(undefined, at)).toEqual({ locked: false });
  });

  it('opens exactly when the wait is over, and says how long that is', () => {
    const run = { failures: 12, last_failure_ms: at };
    expect(guessLock(run, at)).toEqual({ locked: true, retryAfterSeconds: 4 });
    expect(guessLock(run, at + 3_999)).toEqual({ locked: true, retryAfterSeconds: 1 });
    expect(guessLock(run, at + 4_000)).toEqual({ locked: false });
  });

  it('names no wait when waiting does not help', () => {
    expect(guessLock({ failures: 100, last_failure_ms: at }, at + 1e12)).toEqual({ locked: true });
  });

  it('a clock that steps back re-opens nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 99 }), fc.nat({ max: 10_000_000 }), (failures, back) => {
        expect(guessLock({ failures, last_failure_ms: at }, at - back)).toMatchObject({ locked: true });
      }),
    );
  });
});

describe('afterWrongGuess', () => {
  it('starts and continues the run', () => {
    const first = afterWrongGuess(undefined, at);
    expect(first).toEqual({ failures: 1, last_failure_ms: at });
    expect(afterWrongGuess(first, at + 5)).toEqual({ failures: 2, last_failure_ms: at + 5 });
  });

  it('does not move its instant back with the clock', () => {
    const run: GuessRun = { failures: 15, last_failure_ms: at };
    expect(afterWrongGuess(run, at - 60_000)).toEqual({ failures: 16, last_failure_ms: at });
  });
});
