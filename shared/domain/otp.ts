import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { generateSync } from '@otplib/hotp';
import { type CryptoPlugin, createGuardrails } from 'otplib';
import { otp } from './policy.ts';
import { secureRandom } from './random.ts';

export type OtpType = 'totp' | 'hotp';
export type OtpAlgorithm = 'sha1' | 'sha256' | 'sha512';

/** What turns a counter into a code. */
export interface CodeParameters {
  readonly algorithm: OtpAlgorithm;
  readonly digits: number;
}

/** A one-time password in full: how its codes are made and what its counter is. `interval` is in seconds. */
export type OtpParameters = CodeParameters &
  ({ readonly otp_type: 'totp'; readonly interval: number } | { readonly otp_type: 'hotp'; readonly counter: number });

const guardrails = createGuardrails({
  MIN_SECRET_BYTES: otp.secretBytes.minShort,
  MAX_SECRET_BYTES: otp.secretBytes.max,
  MAX_COUNTER: otp.counterMax,
});

/** RFC 4226 §5.3: the code of a counter (TOTP: of a time step), 0 to 2^53 − 1, leading zeros kept. Throws beyond. */
export function codeAt(secret: Uint8Array, counter: number, parameters: CodeParameters): string {
  return codesOf(secret, parameters)(counter);
}

/** RFC 6238 §4.2: the number of whole intervals since 1970. */
export function timeStep(nowMs: number, intervalSeconds: number): number {
  return Math.floor(nowMs / (intervalSeconds * 1000));
}

/** Whole seconds until the next code, never 0: at the edge of a step the new code has all of its interval left. */
export function remainingSeconds(nowMs: number, intervalSeconds: number): number {
  const nextMs = (timeStep(nowMs, intervalSeconds) + 1) * intervalSeconds * 1000;
  return Math.ceil((nextMs - nowMs) / 1000);
}

/**
 * Those of the candidates whose code is the given one. Every candidate is computed and compared in constant time, none is
 * left out after a match (ASVS 11.2.4). A text that is not exactly `digits` ASCII digits matches nothing.
 */
export function matchingCounters(
  secret: Uint8Array,
  parameters: CodeParameters,
  candidates: readonly number[],
  code: string,
): number[] {
  const hasShape = code.length === parameters.digits && /^[0-9]+$/.test(code);
  if (!hasShape) return [];
  const codeOf = codesOf(secret, parameters);
  return candidates.filter((counter) => sameText(codeOf(counter), code));
}

/** The highest candidate whose code is the given one: consuming a lower one would leave the same code to be used again. */
export function highestMatch(
  secret: Uint8Array,
  parameters: CodeParameters,
  candidates: readonly number[],
  code: string,
): number | undefined {
  const matches = matchingCounters(secret, parameters, candidates, code);
  return matches.length === 0 ? undefined : Math.max(...matches);
}

/** The codes of one secret by HMAC of OpenSSL: otplib's own plugin is HMAC in JavaScript, 13 kB more in every bundle. */
function codesOf(secret: Uint8Array, { algorithm, digits }: CodeParameters): (counter: number) => string {
  // Made once: of raw bytes, Node makes a key at every HMAC, which takes five times as long as the HMAC (Node 24, measured).
  const key = createSecretKey(secret);
  const crypto: CryptoPlugin = {
    name: 'node',
    hmac: (hash, _secret, data) => createHmac(hash, key).update(data).digest(),
    randomBytes: secureRandom,
    constantTimeEqual: (left, right) => sameText(String(left), String(right)),
  };
  return (counter) => generateSync({ secret, counter, algorithm, digits, crypto, guardrails });
}

function sameText(left: string, right: string): boolean {
  const leftBytes = Buffer.from(left);
  const rightBytes = Buffer.from(right);
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}
