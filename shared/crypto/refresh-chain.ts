import { hash, hkdfSync } from 'node:crypto';
import { secureRandom } from '../domain/random.ts';

const jtiBytes = 32;
const saltBytes = 16;
const info = 'otp-service refresh successor 1';

/**
 * The `jti` that follows `predecessorJti`: the same for whoever presents the same token again, so that a lost answer or
 * twenty parallel refreshes end at one successor. The salt is the session's, new with each rotation; without the
 * predecessor, which the table does not hold, it leads nowhere.
 */
export function successorJti(predecessorJti: string, rotationSalt: string): string {
  const salt = Buffer.from(rotationSalt, 'base64url');
  return Buffer.from(hkdfSync('sha256', predecessorJti, salt, info, jtiBytes)).toString('base64url');
}

/** A new salt, to be stored with the session at each rotation. */
export function newRotationSalt(): string {
  return Buffer.from(secureRandom(saltBytes)).toString('base64url');
}

/** What the table holds of a `jti` or a `sid` (SHA-256, base64url). They are random, so a plain hash cannot be guessed. */
export function hashOf(id: string): string {
  return hash('sha256', id, 'base64url');
}
