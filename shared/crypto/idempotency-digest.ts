import { createHmac, hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/**
 * Tells a repeated request from another one with the same key; `body` is what came out of JSON, in any order of names.
 * Keyed by the client's key, which the table does not hold: a plain hash of a body with a password could be guessed
 * offline.
 */
export function digestOf(idempotencyKey: string, body: unknown): string {
  return createHmac('sha256', idempotencyKey)
    .update(canonicalJson([body]))
    .digest('base64url');
}

/** The form in which the table knows an idempotency key. */
export function storedKeyOf(idempotencyKey: string): string {
  return hash('sha256', idempotencyKey, 'base64url');
}
