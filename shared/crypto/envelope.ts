import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { secureRandom } from '../domain/random.ts';
import { canonicalJson } from './canonical-json.ts';
import { type DataKey, DataKeyMissing, type Keyring } from './keyring.ts';

/**
 * What a secret belongs to. It is authenticated, not stored: a secret opens only for the same owner, item and
 * parameters that it was sealed for.
 */
export interface SecretBinding {
  /** The user id. */
  readonly owner: string;
  /** What the secret is: `config`, `mfa`, `reply` … */
  readonly kind: string;
  /** Which one of its kind. */
  readonly item: string | number;
  /** What would make the secret another one if it were changed: algorithm, digits, period … */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

/** A sealed secret was changed, cut, moved to another owner or item, or its data key is not in the ring. */
export class SecretDoesNotOpen extends Error {
  override name = 'SecretDoesNotOpen';
}

// format 1: format (1) | key version (4) | salt (16) | nonce (12) | ciphertext | tag (16)
const format = 1;
const versionAt = 1;
const saltAt = 5;
const nonceAt = 21;
const headBytes = 33;
const tagBytes = 16;
const cipher = 'aes-256-gcm';

/** Seals `plaintext` under a key of its own, derived from `dataKey`; two seals of one secret never look alike. */
export function sealSecret(dataKey: DataKey, plaintext: Uint8Array, binding: SecretBinding): Uint8Array {
  const head = Buffer.from(secureRandom(headBytes));
  head.writeUInt8(format, 0);
  head.writeUInt32BE(dataKey.version, versionAt);
  const key = secretKey(dataKey, head, binding);
  const sealing = createCipheriv(cipher, key, head.subarray(nonceAt), { authTagLength: tagBytes });
  sealing.setAAD(additionalData(head, binding));
  const body = [sealing.update(plaintext), sealing.final()];
  return Buffer.concat([head, ...body, sealing.getAuthTag()]);
}

/** Opens what `sealSecret` sealed; `SecretDoesNotOpen` when anything at all is not as it was sealed. */
export function openSecret(dataKey: DataKey, sealed: Uint8Array, binding: SecretBinding): Uint8Array {
  if (sealedKeyVersion(sealed) !== dataKey.version) throw new SecretDoesNotOpen('sealed with another data key');
  const bytes = view(sealed);
  const head = bytes.subarray(0, headBytes);
  const key = secretKey(dataKey, head, binding);
  const opening = createDecipheriv(cipher, key, head.subarray(nonceAt), { authTagLength: tagBytes });
  opening.setAAD(additionalData(head, binding));
  opening.setAuthTag(bytes.subarray(-tagBytes));
  const plaintext = opening.update(bytes.subarray(headBytes, -tagBytes));
  try {
    opening.final();
  } catch (cause) {
    // GCM deciphers before it authenticates: what came out is not to be seen.
    plaintext.fill(0);
    throw new SecretDoesNotOpen('not authentic', { cause });
  }
  return plaintext;
}

/** The version of the data key that opens `sealed`; `SecretDoesNotOpen` when it has not the form of a sealed secret. */
export function sealedKeyVersion(sealed: Uint8Array): number {
  if (sealed.length < headBytes + tagBytes) throw new SecretDoesNotOpen('too short');
  if (sealed[0] !== format) throw new SecretDoesNotOpen('unknown format');
  return view(sealed).readUInt32BE(versionAt);
}

/** Seals with the newest data key of `keyring`. */
export async function sealWith(keyring: Keyring, plaintext: Uint8Array, binding: SecretBinding): Promise<Uint8Array> {
  return sealSecret(await keyring.current(), plaintext, binding);
}

/**
 * Opens with the data key that `sealed` names. `KeyringUnavailable` means try again, `SecretDoesNotOpen` that this one
 * secret is lost.
 */
export async function openWith(keyring: Keyring, sealed: Uint8Array, binding: SecretBinding): Promise<Uint8Array> {
  return openSecret(await namedKey(keyring, sealedKeyVersion(sealed)), sealed, binding);
}

async function namedKey(keyring: Keyring, version: number): Promise<DataKey> {
  try {
    return await keyring.version(version);
  } catch (error) {
    if (error instanceof DataKeyMissing) throw new SecretDoesNotOpen('no such data key', { cause: error });
    throw error;
  }
}

// A random salt a seal makes a key per secret, so that nonces under one key never meet, however many secrets there are.
// Not kept between calls: deriving it (8 µs) costs less than a cache of keys is worth to whoever reads the memory.
function secretKey({ key }: DataKey, head: Buffer, { kind }: SecretBinding): KeyObject {
  const info = `otp-service sealed secret 1 ${cipher} ${kind}`;
  const derived = new Uint8Array(hkdfSync('sha256', key, head.subarray(saltAt, nonceAt), info, 32));
  // A key object is overwritten when it is collected. Of raw bytes, Node makes a slower one itself (Node 24, measured).
  const secret = createSecretKey(derived);
  derived.fill(0);
  return secret;
}

// The head has a fixed length and canonical JSON one reading: no two bindings give the same bytes.
function additionalData(head: Buffer, { owner, kind, item, parameters }: SecretBinding): Buffer {
  return Buffer.concat([head, Buffer.from(canonicalJson({ owner, kind, item, parameters }))]);
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
