import { createSecretKey, type KeyObject } from 'node:crypto';
import { DecryptCommand, GenerateDataKeyWithoutPlaintextCommand } from '@aws-sdk/client-kms';
import { keys } from '../domain/policy.ts';
import { type HeldValue, holdValue } from './held-value.ts';
import type { Kms } from './kms-client.ts';
import { KeyringUnavailable } from './kms-unavailable.ts';

/** The two rings. The name is the encryption context `purpose`, by which IAM tells who may open which. */
export type RingName = 'otp' | 'mfa';

/** One version of a ring's data key as it stands in the table: only KMS can unwrap it. */
export interface WrappedDataKey {
  readonly version: number;
  readonly wrapped: Uint8Array;
}

/** An unwrapped data key. The key object keeps its bytes outside the heap and overwrites them when it is collected. */
export interface DataKey {
  readonly version: number;
  readonly key: KeyObject;
}

/** The data keys of one ring. Both refuse with `KeyringUnavailable` when KMS fails and the key is not held. */
export interface Keyring {
  /** The newest version: what is sealed now is sealed with this one. */
  current(): Promise<DataKey>;
  /** The version that a sealed secret names; `DataKeyMissing` when the ring never had it. */
  version(version: number): Promise<DataKey>;
}

/** The ring was read and has no such version. */
export class DataKeyMissing extends Error {
  override name = 'DataKeyMissing';
}

interface RingAtKms {
  readonly kms: Kms;
  /** The one KMS key that wraps; a data key wrapped by another is not opened. */
  readonly keyId: string;
  readonly ring: RingName;
}

const dataKeyBytes = 32;
const held = { maxAgeMs: keys.heldSeconds * 1000, reloadMs: keys.reloadSeconds * 1000 };

/**
 * A key ring that asks KMS for a data key at most once per `keys.heldSeconds`. `loadVersions` must read consistently:
 * a version is sealed with as soon as it is written. What it throws is passed on.
 */
export function createKeyring({
  kms,
  keyId,
  ring,
  loadVersions,
  now,
}: RingAtKms & { loadVersions: () => Promise<readonly WrappedDataKey[]>; now: () => number }): Keyring {
  const versions = holdValue(
    async () => new Map((await loadVersions()).map(({ version, wrapped }) => [version, wrapped])),
    held,
  );
  const unwrapped = new Map<number, HeldValue<DataKey>>();

  async function wrappedKey(version: number): Promise<Uint8Array> {
    const wrapped = (await versions.get(now())).get(version) ?? (await versions.reload(now())).get(version);
    if (wrapped === undefined) throw new DataKeyMissing(`key ring ${ring} has no version ${version}`);
    return wrapped;
  }

  async function unwrap(version: number): Promise<DataKey> {
    const wrapped = await wrappedKey(version);
    const plaintext = await decrypt({ kms, keyId, ring }, wrapped);
    const key = createSecretKey(plaintext);
    plaintext.fill(0);
    return { version, key };
  }

  async function version(version: number): Promise<DataKey> {
    const dataKey = unwrapped.get(version) ?? holdValue(() => unwrap(version), held);
    unwrapped.set(version, dataKey);
    return dataKey.get(now());
  }

  async function current(): Promise<DataKey> {
    const newest = Math.max(...(await versions.get(now())).keys());
    if (!Number.isFinite(newest)) throw new KeyringUnavailable(`key ring ${ring} is empty`);
    return version(newest);
  }

  return { current, version };
}

/** A new data key for `ring` that nobody has seen in the clear, to be written as the ring's next version. */
export async function newWrappedDataKey({ kms, keyId, ring }: RingAtKms): Promise<Uint8Array> {
  const command = new GenerateDataKeyWithoutPlaintextCommand({
    KeyId: keyId,
    KeySpec: 'AES_256',
    EncryptionContext: { purpose: ring },
  });
  try {
    const { CiphertextBlob: wrapped } = await kms.send(command);
    if (wrapped === undefined) throw new Error('KMS answered without a data key');
    return wrapped;
  } catch (cause) {
    throw new KeyringUnavailable(`no new data key for key ring ${ring}`, { cause });
  }
}

async function decrypt({ kms, keyId, ring }: RingAtKms, wrapped: Uint8Array): Promise<Uint8Array> {
  const command = new DecryptCommand({
    KeyId: keyId,
    CiphertextBlob: wrapped,
    EncryptionContext: { purpose: ring },
  });
  try {
    const { Plaintext: plaintext } = await kms.send(command);
    if (plaintext?.length !== dataKeyBytes) throw new Error('KMS answered without a data key of 256 bit');
    return plaintext;
  } catch (cause) {
    throw new KeyringUnavailable(`a data key of key ring ${ring} cannot be unwrapped`, { cause });
  }
}
