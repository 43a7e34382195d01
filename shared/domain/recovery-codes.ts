import { scryptSync } from 'node:crypto';
import { newId } from './ids.ts';
import { mfa } from './policy.ts';
import { type RandomBytes, secureRandom } from './random.ts';

const codeShape = /^[a-z2-7]{16}$/;

/** A new set of recovery codes as a person reads them: 80 bit each, four groups of four of `a-z2-7`. */
export function makeRecoveryCodes(random: RandomBytes = secureRandom): string[] {
  return Array.from({ length: mfa.recoveryCodes }, () => {
    const code = newId(mfa.recoveryCodeBytes, random);
    return (code.match(/.{4}/g) ?? []).join('-');
  });
}

/** A recovery code as typed, whatever its case, hyphens and spaces; `undefined` when it cannot be one. */
export function normaliseRecoveryCode(text: string): string | undefined {
  const code = text.replace(/[\s-]/g, '');
  return /^[A-Za-z2-7]+$/.test(code) && codeShape.test(code.toLowerCase()) ? code.toLowerCase() : undefined;
}

/**
 * The only form in which a recovery code is stored, of a normalised code. ASVS 6.5.2 wants a password hash and a salt for
 * codes under 112 bit. One salt serves one set, so that a try costs one hash however many codes are left.
 */
export function hashRecoveryCode(code: string, salt: Uint8Array): string {
  const { cost, blockSize, bytes } = mfa.recoveryCodeHash;
  return scryptSync(code, salt, bytes, { N: cost, r: blockSize, p: 1 }).toString('base64url');
}
