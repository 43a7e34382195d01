import { DecryptCommand } from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKeyring, DataKeyMissing, type Keyring, newWrappedDataKey, type RingName } from './keyring.ts';
import { KeyringUnavailable, KmsUnavailable } from './kms-unavailable.ts';
import { type KmsEndpoint, startKmsEndpoint } from './testing/kms-endpoint.ts';

let kms: KmsEndpoint;
let rows: { version: number; wrapped: Uint8Array }[];
let loads: number;
let nowMs: number;
let tableFault: Error | undefined;

beforeEach(async () => {
  kms = await startKmsEndpoint();
  rows = [];
  loads = 0;
  nowMs = Date.UTC(2026, 0, 1);
  tableFault = undefined;
});

afterEach(() => kms.close());

function keyring(ring: RingName = 'otp'): Keyring {
  return createKeyring({
    kms: kms.client,
    keyId: kms.dataKey.id,
    ring,
    now: () => nowMs,
    async loadVersions() {
      loads += 1;
      if (tableFault !== undefined) throw tableFault;
      return [...rows];
    },
  });
}

async function addVersion(version: number, ring: RingName = 'otp'): Promise<void> {
  rows.push({ version, wrapped: await newWrappedDataKey({ kms: kms.client, keyId: kms.dataKey.id, ring }) });
}

function decrypts(): number {
  return kms.calls.filter(({ action }) => action === 'Decrypt').length;
}

describe('current', () => {
  test('is the newest version, unwrapped to 256 bit', async () => {
    await addVersion(2);
    await addVersion(10);
    await addVersion(9);
    const dataKey = await keyring().current();
    expect(dataKey.version).toBe(10);
    expect(dataKey.key.symmetricKeySize).toBe(32);
  });

  test('asks the table and KMS once for fifty callers', async () => {
    await addVersion(1);
    const ring = keyring();
    const held = await Promise.all(Array.from({ length: 50 }, () => ring.current()));
    expect(new Set(held.map(({ key }) => key)).size).toBe(1);
    expect(decrypts()).toBe(1);
    expect(loads).toBe(1);
  });

  test('asks neither again for 15 minutes, then both once', async () => {
    await addVersion(1);
    const ring = keyring();
    await ring.current();
    nowMs += 15 * 60_000 - 1;
    await ring.current();
    expect([decrypts(), loads]).toEqual([1, 1]);
    nowMs += 1;
    await Promise.all([ring.current(), ring.current()]);
    expect([decrypts(), loads]).toEqual([2, 2]);
  });

  test('sees a rotation within 15 minutes', async () => {
    await addVersion(1);
    const ring = keyring();
    await ring.current();
    await addVersion(2);
    nowMs += 15 * 60_000;
    expect((await ring.current()).version).toBe(2);
  });

  test('refuses with KeyringUnavailable while the ring is empty', async () => {
    await expect(keyring().current()).rejects.toThrow(KeyringUnavailable);
  });
});

describe('version', () => {
  test('unwraps old versions too, each to its own key', async () => {
    await addVersion(1);
    await addVersion(2);
    const ring = keyring();
    const [first, second] = [await ring.version(1), await ring.version(2)];
    expect(first.key.equals(second.key)).toBe(false);
    expect((await ring.version(1)).key).toBe(first.key);
    expect(decrypts()).toBe(2);
  });

  test('unwraps the same key again in another process', async () => {
    await addVersion(1);
    const [here, there] = [await keyring().version(1), await keyring().version(1)];
    expect(here.key.equals(there.key)).toBe(true);
  });

  test('finds a version that was added after the list was read', async () => {
    await addVersion(1);
    const ring = keyring();
    await ring.current();
    await addVersion(2);
    expect((await ring.version(2)).version).toBe(2);
    expect(loads).toBe(2);
  });

  test('reads the list at most once in 5 s for versions that do not exist, and asks KMS for none', async () => {
    await addVersion(1);
    const ring = keyring();
    await ring.current();
    for (let version = 100; version < 120; version += 1) {
      await expect(ring.version(version)).rejects.toThrow(DataKeyMissing);
    }
    expect(loads).toBe(2);
    nowMs += 5000;
    await expect(ring.version(100)).rejects.toThrow(DataKeyMissing);
    expect(loads).toBe(3);
    expect(decrypts()).toBe(1);
  });

  test('does not open a key of the other ring, nor a changed one', async () => {
    await addVersion(1, 'mfa');
    await addVersion(2);
    const changed = rows[1]?.wrapped ?? new Uint8Array();
    changed[20] = (changed[20] ?? 0) ^ 1;
    await expect(keyring('otp').version(1)).rejects.toThrow(KeyringUnavailable);
    await expect(keyring('otp').version(2)).rejects.toThrow(KeyringUnavailable);
    expect((await keyring('mfa').version(1)).version).toBe(1);
  });
});

test('KMS is told which key must have wrapped, so that a data key wrapped by another is not opened', async () => {
  await addVersion(1);
  await keyring().current();
  expect(kms.calls).toContainEqual({ action: 'Decrypt', keyId: kms.dataKey.id });
});

test('the bytes that KMS answered are overwritten once the key is made of them', async () => {
  await addVersion(1);
  const plaintext = new Uint8Array(32).fill(7);
  const mock = mockClient(kms.client).on(DecryptCommand).resolves({ Plaintext: plaintext });
  const { key } = await keyring().current();
  mock.restore();
  expect(key.export()).toEqual(Buffer.alloc(32, 7));
  expect(plaintext).toEqual(new Uint8Array(32));
});

describe('while KMS fails', () => {
  test.each(['ThrottlingException', 'DisabledException', 'AccessDeniedException'] as const)(
    'by %s a held key serves until its time is up, then it is KeyringUnavailable, then it heals',
    async (fault) => {
      await addVersion(1);
      const ring = keyring();
      const { key } = await ring.current();
      kms.fault = fault;
      nowMs += 15 * 60_000 - 1;
      expect((await ring.version(1)).key).toBe(key);
      expect((await ring.current()).key).toBe(key);
      nowMs += 1;
      const refusal = await ring.current().catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(KeyringUnavailable);
      expect(refusal).toBeInstanceOf(KmsUnavailable);
      expect(refusal).toMatchObject({ cause: { name: fault } });
      kms.fault = undefined;
      expect((await ring.current()).key.equals(key)).toBe(true);
    },
  );

  test('a cold start fails for all who wait, and the next request heals', async () => {
    await addVersion(1);
    const ring = keyring();
    kms.fault = 'DisabledException';
    const waiting = await Promise.allSettled([ring.current(), ring.version(1), ring.current()]);
    expect(waiting.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(decrypts()).toBe(1);
    kms.fault = undefined;
    expect((await ring.current()).version).toBe(1);
  });

  test('an answer without a key is no key', async () => {
    await addVersion(1);
    kms.fault = 'empty';
    await expect(keyring().current()).rejects.toThrow(KeyringUnavailable);
    await expect(addVersion(2)).rejects.toThrow(KeyringUnavailable);
  });
});

test('an error of the table is passed on as it is, and forgotten', async () => {
  await addVersion(1);
  const ring = keyring();
  tableFault = new Error('table is down');
  await expect(ring.current()).rejects.toBe(tableFault);
  await expect(ring.version(1)).rejects.toBe(tableFault);
  tableFault = undefined;
  expect((await ring.current()).version).toBe(1);
});

test('a held key serves while the table cannot be read', async () => {
  await addVersion(1);
  const ring = keyring();
  await ring.current();
  nowMs += 60_000;
  tableFault = new Error('table is down');
  expect((await ring.version(1)).version).toBe(1);
});
