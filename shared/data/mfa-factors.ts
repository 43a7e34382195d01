import * as z from 'zod/mini';
import { afterWrongGuess, type GuessRun } from '../domain/guess-lock.ts';
import { absent, all, exists, put, remove, unchanged, update, type Write } from './expression.ts';
import { bytes } from './stored.ts';
import type { ItemRef } from './table.ts';
import { type Key, keyOf } from './table-map.ts';

const active = z.object({
  sealed: bytes,
  /** Names this secret: a code of another one confirms nothing. */
  factor_id: z.string(),
  last_step: z.number(),
  /** Consecutive wrong codes; time alone never resets it. */
  failures: z.number(),
  last_failure_at: z.optional(z.number()),
  created_at: z.number(),
});

const pending = z.object({
  sealed: bytes,
  factor_id: z.string(),
  failures: z.number(),
  expires_at: z.number(),
});

const recovery = z.object({
  salt: z.string(),
  /** Hashes of the codes that are left; the last one used removes the attribute. */
  hashes: z.optional(z.set(z.string())),
  created_at: z.number(),
});

/** The TOTP secret that a user proves at log-in. */
export type ActiveFactor = z.infer<typeof active>;
/** A secret that was shown and not yet confirmed; it never touches the active one. */
export type PendingFactor = z.infer<typeof pending>;
/** The recovery codes that are left. */
export type RecoverySet = z.infer<typeof recovery>;

function key(userId: string, sk: 'ACTIVE' | 'PENDING' | 'RECOVERY'): Key {
  return keyOf('MFA', userId, sk);
}

/** Where a user's active factor is. */
export function activeRef(userId: string): ItemRef<ActiveFactor> {
  return { key: key(userId, 'ACTIVE'), schema: active };
}

/** Where a user's pending factor is. */
export function pendingRef(userId: string): ItemRef<PendingFactor> {
  return { key: key(userId, 'PENDING'), schema: pending };
}

/** Where a user's recovery codes are. */
export function recoveryRef(userId: string): ItemRef<RecoverySet> {
  return { key: key(userId, 'RECOVERY'), schema: recovery };
}

/** Keeps a secret pending in the place of an earlier pending one. */
export function begin(userId: string, factor: PendingFactor): Write {
  return put(key(userId, 'PENDING'), { ...factor, ttl: Math.ceil(factor.expires_at / 1000) }, undefined);
}

/** Makes a secret the active one, if there is none; the code that confirmed it is spent. */
export function activate(userId: string, factor: ActiveFactor): Write {
  return put(key(userId, 'ACTIVE'), factor, absent, 'mfa_already_enabled');
}

/** Takes the pending secret away, if it is still the one that was confirmed. */
export function finishPending(userId: string, seen: PendingFactor): Write {
  return remove(key(userId, 'PENDING'), all(exists, unchanged('factor_id', seen.factor_id)));
}

/** Counts a wrong code against the pending secret. */
export function countPendingFailure(userId: string, seen: PendingFactor): Write {
  const stillThisSecret = unchanged('factor_id', seen.factor_id);
  const noGuessBetween = unchanged('failures', seen.failures);
  return update(
    key(userId, 'PENDING'),
    { set: { failures: seen.failures + 1 } },
    all(exists, stillThisSecret, noGuessBetween),
  );
}

// As for configurations: what was decided on old facts is decided again.
function asJudged(seen: ActiveFactor) {
  const stillThisSecret = unchanged('factor_id', seen.factor_id);
  const noStepBetween = unchanged('last_step', seen.last_step);
  const noGuessBetween = unchanged('failures', seen.failures);
  return all(exists, stillThisSecret, noStepBetween, noGuessBetween);
}

/** Accepts an MFA code: its step and all before are spent, on every path that checks one. */
export function consumeStep(userId: string, seen: ActiveFactor, step: number): Write {
  return update(
    key(userId, 'ACTIVE'),
    { set: { last_step: step, failures: 0 }, remove: ['last_failure_at'] },
    asJudged(seen),
  );
}

/** Ends the run of wrong codes: a recovery code has proven who it is. */
export function forgiveFailures(userId: string, seen: ActiveFactor): Write[] {
  if (seen.failures === 0) return [];
  return [update(key(userId, 'ACTIVE'), { set: { failures: 0 }, remove: ['last_failure_at'] }, asJudged(seen))];
}

/** Counts a wrong code. */
export function countFailure(userId: string, seen: ActiveFactor, now: number): Write {
  const { failures, last_failure_ms } = afterWrongGuess(guessRunOf(seen), now);
  return update(key(userId, 'ACTIVE'), { set: { failures, last_failure_at: last_failure_ms } }, asJudged(seen));
}

/** The run of wrong codes, as the rule of the guess lock reads it. */
export function guessRunOf({ failures, last_failure_at }: ActiveFactor): GuessRun | undefined {
  return last_failure_at === undefined ? undefined : { failures, last_failure_ms: last_failure_at };
}

/** Puts the same secret in its place, sealed anew; a change in between wins. */
export function reseal(userId: string, seen: ActiveFactor, sealed: Uint8Array): Write {
  return update(key(userId, 'ACTIVE'), { set: { sealed } }, all(exists, unchanged('sealed', seen.sealed)));
}

/** Ends a user's MFA. */
export function deactivate(userId: string): Write[] {
  return [
    remove(key(userId, 'ACTIVE'), exists, 'mfa_not_enabled'),
    remove(key(userId, 'PENDING')),
    remove(key(userId, 'RECOVERY')),
  ];
}

/** Writes the recovery codes that come with a new factor. */
export function createRecovery(userId: string, set: RecoverySet): Write {
  return put(key(userId, 'RECOVERY'), set, undefined);
}

/** Replaces the recovery codes; where MFA was turned off or they were replaced meanwhile, it is decided again. */
export function replaceRecovery(userId: string, seen: RecoverySet, set: RecoverySet): Write {
  const stillThisSet = unchanged('salt', seen.salt);
  return put(key(userId, 'RECOVERY'), set, all(exists, stillThisSet));
}

/** Spends one recovery code; used elsewhere meanwhile, it is decided again and refused. */
export function spendRecovery(userId: string, seen: RecoverySet, hash: string): Write {
  const stillThisSet = unchanged('salt', seen.salt);
  const stillAsMany = unchanged('hashes', seen.hashes);
  return update(
    key(userId, 'RECOVERY'),
    { without: { hashes: new Set([hash]) } },
    all(exists, stillThisSet, stillAsMany),
  );
}
