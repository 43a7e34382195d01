import type { PendingFactor } from '../data/mfa-factors.ts';
import { mfa } from '../domain/policy.ts';
import { decideTotp, type TotpDecision } from '../domain/verify-code.ts';
import { mfaBox } from '../http/key-rings.ts';
import { mfaBinding } from './mfa-binding.ts';

/** A factor, active or pending, as far as a code is judged by it. */
interface Factor extends Pick<PendingFactor, 'sealed' | 'factor_id'> {
  readonly last_step?: number;
}

/** Judges an MFA code: `valid` names the step that must now be consumed, `replayed` is one that was consumed before. */
export async function checkMfaCode(userId: string, factor: Factor, code: string, now: number): Promise<TotpDecision> {
  const { algorithm, digits, intervalSeconds: interval, window } = mfa;
  const secret = await mfaBox.open(factor.sealed, mfaBinding(userId, factor.factor_id));
  const config = { algorithm, digits, interval, window, last_step: factor.last_step };
  return decideTotp({ secret, config, code, nowMs: now });
}
