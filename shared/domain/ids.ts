import { createHash, randomUUID } from 'node:crypto';
import { encodeBase32 } from './base32.ts';
import { type RandomBytes, secureRandom } from './random.ts';

export { canonicalEmail, canonicalUsername, isUsername } from './account-name.ts';

const userIdBytes = 16;

/**
 * The id of the account with this canonical username: 26 characters of `a-z2-7`. It follows from the name, so that a login
 * finds the account in one read and two people cannot take one name.
 */
export function userIdOf(canonicalUsername: string): string {
  const digest = createHash('sha256').update(`user:${canonicalUsername}`).digest();
  return encodeBase32(digest.subarray(0, userIdBytes)).toLowerCase();
}

/** A random id of so many bytes in `a-z2-7`: safe in a key, a path and a file name. */
export function newId(bytes: number, random: RandomBytes = secureRandom): string {
  return encodeBase32(random(bytes)).toLowerCase();
}

/**
 * A random id of 80 bits for what comes with every request, in `a-z2-7`. No secret: it is cut from a UUID, since Node draws the
 * randomness of 128 of them at once, and a call for ten bytes took 50 µs of each request (Node 24, measured).
 */
export function newEventId(): string {
  const hex = randomUUID().replaceAll('-', '');
  // Version and variant, which are no randomness, stand in the middle.
  return encodeBase32(Buffer.from(`${hex.slice(0, 8)}${hex.slice(-12)}`, 'hex')).toLowerCase();
}

/** A random secret text of so many bytes in base64url. The table holds only its hash. */
export function randomToken(bytes: number, random: RandomBytes = secureRandom): string {
  return Buffer.from(random(bytes)).toString('base64url');
}
