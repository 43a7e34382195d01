import * as z from 'zod/mini';
import { account } from '../domain/policy.ts';
import { all, unchanged, update, type Write } from './expression.ts';
import { type LimitSpending, spend } from './meters.ts';
import type { ItemRef } from './table.ts';
import { type Key, keyOf } from './table-map.ts';

const schema = z.catchall(
  z.object({
    /** Failures of password or code in a row, and until when the name is locked. */
    failures: z._default(z.number(), 0),
    locked_until: z.optional(z.number()),
  }),
  z.unknown(),
);

/** What guards the log-in to a name, whether anybody has the name or not: its limit, its failures, its lock. */
export type LoginGuard = z.infer<typeof schema>;

// Kept a day after the last try: longer than any lock or window lasts.
const keptSeconds = 86_400;

/** Where the guard of a name is. */
export function ref(userId: string): ItemRef<LoginGuard> {
  return { key: key(userId), schema };
}

function key(userId: string): Key {
  return keyOf('LOGIN', userId, 'GUARD');
}

/** Until when a name is locked at `now`, if it is. */
export function lockedUntil(guard: LoginGuard | undefined, now: number): number | undefined {
  const until = guard?.locked_until;
  return until !== undefined && now < until ? until : undefined;
}

/** Spends one try. Made before the password is looked at, so that of 200 at once no more than the limit are looked at. */
export function spendTry(userId: string, spending: LimitSpending): Write {
  const { set, add, when } = spend(spending);
  return update(key(userId), { set: { ...set, ttl: expiry(spending.now) }, add }, when);
}

/**
 * Counts a failure; the fifth locks the name. A lock that has run out begins a new run. Tries at once each count one: the count
 * that was read must still stand.
 */
export function countFailure(userId: string, guard: LoginGuard | undefined, now: number): Write {
  const failures = failuresOf(guard, now) + 1;
  const locks = locksWithNextFailure(guard, now);
  return update(
    key(userId),
    {
      set: { failures, ttl: expiry(now), locked_until: locks ? now + account.lockSeconds * 1000 : undefined },
      remove: ranOut(guard, now) && !locks ? ['locked_until'] : [],
    },
    stillAsRead(guard),
  );
}

/** Whether one more failure locks the name. */
export function locksWithNextFailure(guard: LoginGuard | undefined, now: number): boolean {
  return failuresOf(guard, now) + 1 >= account.lockAtFailure;
}

/** Ends the run of failures after a log-in. A name locked meanwhile stays locked: then there is nothing to write. */
export function clearFailures(userId: string, guard: LoginGuard | undefined, now: number): Write[] {
  const nothingToClear = guard === undefined || (guard.failures === 0 && guard.locked_until === undefined);
  if (nothingToClear || lockedUntil(guard, now) !== undefined) return [];
  return [update(key(userId), { set: { ttl: expiry(now) }, remove: ['failures', 'locked_until'] }, stillAsRead(guard))];
}

/** Failures in the run that is still going at `now`. */
export function failuresOf(guard: LoginGuard | undefined, now: number): number {
  return guard === undefined || ranOut(guard, now) ? 0 : guard.failures;
}

/** Ends lock and failures, and gives the tries back: an administrator's unlock lets the user in now. */
export function unlock(userId: string, now: number): Write {
  const tries = ['limit_login_at', 'limit_login_used'];
  return update(key(userId), { set: { ttl: expiry(now) }, remove: ['failures', 'locked_until', ...tries] });
}

function ranOut(guard: LoginGuard | undefined, now: number): boolean {
  return guard?.locked_until !== undefined && now >= guard.locked_until;
}

function stillAsRead(guard: LoginGuard | undefined) {
  const failures = guard?.failures;
  const noFailureBetween = unchanged('failures', failures === 0 ? undefined : failures);
  const noLockBetween = unchanged('locked_until', guard?.locked_until);
  return all(noFailureBetween, noLockBetween);
}

function expiry(now: number): number {
  return Math.ceil(now / 1000) + keptSeconds;
}
