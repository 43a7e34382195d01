import { fail } from '../api/problems.ts';
import type { Write } from '../data/expression.ts';
import * as mfaFactors from '../data/mfa-factors.ts';
import type { User } from '../data/users.ts';
import { guessLock } from '../domain/guess-lock.ts';
import { guessing, request } from '../domain/policy.ts';
import { hashRecoveryCode, normaliseRecoveryCode } from '../domain/recovery-codes.ts';
import type { Facts, Ref } from '../http/facts.ts';
import { countMetric, log } from '../log.ts';
import { checkMfaCode } from './check-mfa-code.ts';

/** The second half of a proof. Where both are sent the code is judged. */
export interface MfaProof {
  readonly mfa_code?: string | undefined;
  readonly recovery_code?: string | undefined;
}

/** Does something expensive once, however often a decision is made again. */
export type Once = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** What the second half of a proof comes to, and what must be written with it. */
export type MfaCheck =
  | { readonly result: 'proven'; readonly writes: readonly Write[] }
  | { readonly result: 'code_needed' }
  /** Too many wrong codes: none is looked at now; without an end until a recovery code or a reset. */
  | { readonly result: 'waits'; readonly retryAfterSeconds: number | undefined }
  | {
      readonly result: 'wrong';
      readonly reason: 'wrong_code' | 'used_code' | 'wrong_recovery_code';
      readonly writes: readonly Write[];
      readonly afterwards?: () => void;
    };

/** What is read for every proof, of users with and without MFA and of names that nobody has: all of them cost the same. */
export function mfaRefs(userId: string): Ref[] {
  return [mfaFactors.activeRef(userId), mfaFactors.recoveryRef(userId)];
}

/** Checks the second factor of a user whose password was right, on every path that gives a session or makes one fresh. */
export async function checkMfa(
  user: User,
  proof: MfaProof,
  facts: Facts,
  { now, once }: { now: number; once: Once },
): Promise<MfaCheck> {
  if (!user.mfa_enabled) return { result: 'proven', writes: [] };
  const factor = facts.get(mfaFactors.activeRef(user.id));
  const recovery = facts.get(mfaFactors.recoveryRef(user.id));
  // Read while MFA was being turned on or off. Nobody gets in on half of it.
  if (factor === undefined || recovery === undefined) {
    throw fail('try_again', { retryAfterSeconds: request.retryAfterSeconds });
  }
  if (proof.mfa_code !== undefined) return checkCode(user.id, factor, proof.mfa_code, now);
  if (proof.recovery_code === undefined) return { result: 'code_needed' };
  return checkRecoveryCode(user.id, { factor, recovery }, proof.recovery_code, once);
}

async function checkCode(
  userId: string,
  factor: mfaFactors.ActiveFactor,
  code: string,
  now: number,
): Promise<MfaCheck> {
  const lock = guessLock(mfaFactors.guessRunOf(factor), now);
  if (lock.locked) return { result: 'waits', retryAfterSeconds: lock.retryAfterSeconds };
  const decision = await checkMfaCode(userId, factor, code, now);
  if (decision.result === 'valid') {
    return { result: 'proven', writes: [mfaFactors.consumeStep(userId, factor, decision.step)] };
  }
  // It was right once: a failed log-in, but no guess of the secret.
  if (decision.result === 'replayed') return { result: 'wrong', reason: 'used_code', writes: [] };
  return {
    result: 'wrong',
    reason: 'wrong_code',
    writes: [mfaFactors.countFailure(userId, factor, now)],
    afterwards: () => {
      if (factor.failures + 1 !== guessing.lockAtFailure) return;
      countMetric('lockouts');
      log('warn', 'GUESS_LOCKED', { factor: 'mfa' });
    },
  };
}

async function checkRecoveryCode(
  userId: string,
  seen: { factor: mfaFactors.ActiveFactor; recovery: mfaFactors.RecoverySet },
  text: string,
  once: Once,
): Promise<MfaCheck> {
  const { salt, hashes } = seen.recovery;
  const code = normaliseRecoveryCode(text);
  const hash =
    code && (await once(`recovery ${salt}`, async () => hashRecoveryCode(code, Buffer.from(salt, 'base64url'))));
  if (hash === undefined || !hashes?.has(hash)) return { result: 'wrong', reason: 'wrong_recovery_code', writes: [] };
  return {
    result: 'proven',
    writes: [mfaFactors.spendRecovery(userId, seen.recovery, hash), ...mfaFactors.forgiveFailures(userId, seen.factor)],
  };
}
