import type { ProblemExtras } from '../api/problems.ts';
import { passwordMatches } from '../crypto/password-hash.ts';
import * as credentials from '../data/credentials.ts';
import type { Write } from '../data/expression.ts';
import * as logins from '../data/logins.ts';
import type { User } from '../data/users.ts';
import type { Facts, Ref } from '../http/facts.ts';
import type { EventDraft, Refusal } from '../http/outcome.ts';
import { countMetric, log } from '../log.ts';
import { checkMfa, type MfaCheck, type MfaProof, mfaRefs, type Once } from './check-mfa.ts';

/** What somebody sends to prove who they are. */
export interface Proof extends MfaProof {
  readonly password?: string | undefined;
}

/** A proof as it is checked: at one instant, for the owner of one name. */
export interface Proving {
  /** The id that follows from the name, whether anybody has it or not. */
  readonly userId: string;
  readonly user: User | undefined;
  readonly now: number;
  readonly once: Once;
}

/** Why a proof failed; for the audit trail, never for the client. */
export type FailureReason =
  | 'no_password'
  | 'unknown_name'
  | 'inactive'
  | 'wrong_password'
  | 'used_password'
  | Extract<MfaCheck, { result: 'wrong' }>['reason'];

/** What a proof comes to, and what must be written with it. */
export type ProofCheck =
  | { readonly result: 'proven'; readonly user: User; readonly writes: readonly Write[] }
  | { readonly result: 'code_needed' }
  | FailedTry;

/** A try that failed and is counted, or one that came too late to be told so: the name is locked. */
export interface FailedTry {
  readonly result: 'failed' | 'locked';
  readonly reason: FailureReason | 'locked' | 'factor_locked';
  readonly retryAfterSeconds?: number | undefined;
  readonly writes: readonly Write[];
  readonly afterwards?: () => void;
}

/** What is read to check a proof, the same whether anybody has the name or not. */
export function proofRefs(userId: string): Ref[] {
  return [logins.ref(userId), credentials.ref(userId), ...mfaRefs(userId)];
}

/** A refusal while the name is locked: decided before a try is spent or a password looked at. */
export function refuseLocked(
  { userId, now }: Pick<Proving, 'userId' | 'now'>,
  facts: Facts,
  event: EventDraft,
): Refusal | undefined {
  const until = logins.lockedUntil(facts.get(logins.ref(userId)), now);
  if (until === undefined) return undefined;
  return {
    refuse: 'account_locked',
    extras: { retryAfterSeconds: secondsUntil(until, now) },
    events: [{ ...event, status: 'failure', details: { ...event.details, reason: 'locked' } }],
  };
}

/**
 * Checks password and, where MFA is on, code. Unknown, inactive and wrong are one path: the same reads, one comparison that takes
 * as long, one counted failure. Whether MFA is on is told to those alone who know the password.
 */
export async function checkProof(proving: Proving, proof: Proof, facts: Facts): Promise<ProofCheck> {
  const { userId, user, now } = proving;
  const { password } = proof;
  if (password === undefined || password === '') return failedTry(proving, facts, 'no_password');
  const isRight = await isPassword(proving, password, facts);
  if (user === undefined) return failedTry(proving, facts, 'unknown_name');
  if (!isRight) return failedTry(proving, facts, 'wrong_password');
  if (user.temporary_password === 'used') return failedTry(proving, facts, 'used_password');
  if (!user.is_active) return failedTry(proving, facts, 'inactive');

  const check = await checkMfa(user, proof, facts, proving);
  switch (check.result) {
    case 'proven': {
      const cleared = logins.clearFailures(userId, facts.get(logins.ref(userId)), now);
      return { result: 'proven', user, writes: [...check.writes, ...cleared] };
    }
    case 'code_needed':
      return check;
    case 'waits':
      return {
        result: 'locked',
        reason: 'factor_locked',
        retryAfterSeconds: check.retryAfterSeconds,
        writes: [],
      };
    case 'wrong':
      return failedTry(proving, facts, check.reason, check);
  }
}

/** Whether this is the user's password; for a name that nobody has the answer is no, after the same time. */
export async function isPassword(
  { userId, once }: Pick<Proving, 'userId' | 'once'>,
  password: string,
  facts: Facts,
): Promise<boolean> {
  const hash = facts.get(credentials.ref(userId))?.password_hash;
  // Under the hash's own name: where the password was changed meanwhile, it is compared again.
  return once(`password ${hash}`, () => passwordMatches(password, hash));
}

/** Counts a failed try against the name; with the fifth it is locked. A lock that came meanwhile does not grow. */
export function failedTry(
  { userId, now }: Pick<Proving, 'userId' | 'now'>,
  facts: Facts,
  reason: FailureReason,
  more: { readonly writes: readonly Write[]; readonly afterwards?: () => void } = { writes: [] },
): FailedTry {
  const guard = facts.get(logins.ref(userId));
  const until = logins.lockedUntil(guard, now);
  if (until !== undefined) {
    return { result: 'locked', reason: 'locked', retryAfterSeconds: secondsUntil(until, now), ...more };
  }
  return {
    result: 'failed',
    reason,
    writes: [...more.writes, logins.countFailure(userId, guard, now)],
    afterwards: () => {
      more.afterwards?.();
      if (!logins.locksWithNextFailure(guard, now)) return;
      countMetric('lockouts');
      log('warn', 'ACCOUNT_LOCKED');
    },
  };
}

/** The refusal of a failed try: `wrong` where it was counted, `account_locked` where it came too late. */
export function refuseTry(
  { result, reason, retryAfterSeconds, writes, afterwards }: FailedTry,
  wrong: 'invalid_credentials' | 'wrong_password',
  event: EventDraft,
): Refusal {
  const isUnfit = result === 'failed' && reason === 'no_password';
  return {
    refuse: isUnfit ? 'invalid_request' : result === 'failed' ? wrong : 'account_locked',
    extras: { retryAfterSeconds, ...extrasOf[reason] },
    writes,
    events: [{ ...event, status: 'failure', details: { ...event.details, reason } }],
    ...(afterwards && { afterwards }),
  };
}

const extrasOf: Partial<Record<FailedTry['reason'], ProblemExtras>> = {
  no_password: { errors: [{ path: 'password', message: 'Required' }] },
  factor_locked: { detail: 'Too many wrong codes. Wait, use a recovery code, or ask an administrator.' },
};

function secondsUntil(instant: number, now: number): number {
  return Math.ceil((instant - now) / 1000);
}
