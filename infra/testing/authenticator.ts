import { createHmac, hkdfSync } from 'node:crypto';

/** What an authenticator app knows of an account. */
export interface AuthenticatorEntry {
  readonly secret: Uint8Array;
  readonly algorithm?: string | undefined;
  readonly digits?: number | undefined;
}

/**
 * RFC 4226 §5.3 written once more, in integers of any size: the tests' authenticator shares no line with the product, and so
 * no mistake.
 */
export function codeOfCounter(
  { secret, algorithm = 'sha1', digits = 6 }: AuthenticatorEntry,
  counter: number | bigint,
) {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac(algorithm, secret).update(message).digest();
  const offset = mac.readUInt8(mac.length - 1) % 16;
  const number = BigInt(mac.readUInt32BE(offset)) % 2n ** 31n;
  return (number % 10n ** BigInt(digits)).toString().padStart(digits, '0');
}

/** RFC 6238 §4.2: the code that the app shows at an instant. */
export function codeAtInstant(entry: AuthenticatorEntry, ms: number, interval = 30): string {
  return codeOfCounter(entry, Math.floor(ms / 1000 / interval));
}

/** A code of the right length that is right nowhere near the given counters. */
export function wrongCode(entry: AuthenticatorEntry, near: readonly number[]): string {
  const right = new Set(near.flatMap((counter) => rangeAround(counter).map((one) => codeOfCounter(entry, one))));
  const digits = entry.digits ?? 6;
  for (let guess = 0; ; guess++) {
    const code = String(guess).padStart(digits, '0');
    if (!right.has(code)) return code;
  }
}

/** A secret that is another one for each name, and the same each time. */
export function secretNamed(name: string, bytes = 20): Buffer {
  return Buffer.from(hkdfSync('sha256', name, '', 'a secret of a test', bytes));
}

function rangeAround(counter: number): number[] {
  return Array.from({ length: 101 }, (_, index) => counter + index - 50).filter((one) => one >= 0);
}
