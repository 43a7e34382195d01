import { hash, timingSafeEqual } from 'node:crypto';
import { apiKey } from '../domain/policy.ts';
import { secureRandom } from '../domain/random.ts';

/** What an API key says: whose it is, which one, and the secret that proves it. */
export interface ApiKeyParts {
  readonly userId: string;
  readonly keyId: string;
  readonly secret: string;
}

/** A new API key; `key` is shown once, the table holds `secretHash`. */
export interface MintedApiKey {
  readonly key: string;
  readonly keyId: string;
  readonly secretHash: string;
}

// Lower-case base32: 32 characters, so that five bits of a random byte choose one without bias.
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const prefix = 'otpk_';
const userIdLength = 26;
const secretLength = Math.ceil((apiKey.secretBytes * 8) / 5);
const checksumLength = 7;
const form = new RegExp(
  `^(?<body>${prefix}(?<userId>[a-z2-7]{${userIdLength}})(?<keyId>[a-z2-7]{${apiKey.keyIdLength}})` +
    `(?<secret>[a-z2-7]{${secretLength}}))(?<checksum>[a-z2-7]{${checksumLength}})$`,
);

/** A new key of this user. */
export function mintApiKey({ userId }: { userId: string }): MintedApiKey {
  const keyId = randomText(apiKey.keyIdLength);
  const secret = randomText(secretLength);
  const body = `${prefix}${userId}${keyId}${secret}`;
  return { key: `${body}${checksumOf(body)}`, keyId, secretHash: secretHashOf({ userId, keyId, secret }) };
}

/** The parts of `text`, or undefined where it is no API key: a typing error is told by the checksum, before any lookup. */
export function parseApiKey(text: string): ApiKeyParts | undefined {
  const { body, userId, keyId, secret, checksum } = form.exec(text)?.groups ?? {};
  if (body === undefined || userId === undefined || keyId === undefined || secret === undefined) return undefined;
  return checksum === checksumOf(body) ? { userId, keyId, secret } : undefined;
}

/** Whether these parts are the key that `secretHash` was made from, in constant time. */
export function apiKeyMatches(parts: ApiKeyParts, secretHash: string): boolean {
  const given = Buffer.from(secretHashOf(parts));
  const stored = Buffer.from(secretHash);
  return given.length === stored.length && timingSafeEqual(given, stored);
}

// The secret is random, so a plain hash cannot be guessed. Owner and id are hashed with it: the hash of one key is none
// for another.
function secretHashOf({ userId, keyId, secret }: ApiKeyParts): string {
  return hash('sha256', `${userId}${keyId}${secret}`, 'base64url');
}

function checksumOf(body: string): string {
  // Loaded for the first key: an import of zlib would be 3 % of every function's cold start (measured).
  const sum = process.getBuiltinModule('node:zlib').crc32(body);
  return Array.from({ length: checksumLength }, (_, at) => character(sum >>> (5 * at))).join('');
}

function randomText(length: number): string {
  return Array.from(secureRandom(length), character).join('');
}

function character(bits: number): string {
  return alphabet.charAt(bits & 31);
}
