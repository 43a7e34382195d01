import type { RecoverySet } from '../data/mfa-factors.ts';
import { mfa } from '../domain/policy.ts';
import { secureRandom } from '../domain/random.ts';
import { hashRecoveryCode, makeRecoveryCodes, normaliseRecoveryCode } from '../domain/recovery-codes.ts';

/** New recovery codes, to be shown once, and the hashes that are kept of them. Takes half a second of a core. */
export function newRecoveryCodes(now: number): { readonly codes: string[]; readonly set: RecoverySet } {
  const codes = makeRecoveryCodes();
  const salt = secureRandom(mfa.recoveryCodeHash.saltBytes);
  const hashes = codes.map((code) => hashRecoveryCode(normaliseRecoveryCode(code) ?? code, salt));
  return { codes, set: { salt: Buffer.from(salt).toString('base64url'), hashes: new Set(hashes), created_at: now } };
}
