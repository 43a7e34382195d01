import type { SecretBinding } from '../crypto/envelope.ts';
import { mfa } from '../domain/policy.ts';

/** What an MFA secret is sealed for: this user, this factor, these parameters, and no other. */
export function mfaBinding(userId: string, factorId: string): SecretBinding {
  const { algorithm, digits, intervalSeconds } = mfa;
  return { owner: userId, kind: 'mfa', item: factorId, parameters: { algorithm, digits, interval: intervalSeconds } };
}
