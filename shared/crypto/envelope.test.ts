import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  openSecret,
  openWith,
  type SecretBinding,
  SecretDoesNotOpen,
  sealedKeyVersion,
  sealSecret,
  sealWith,
} from './envelope.ts';
import { type DataKey, DataKeyMissing, type Keyring } from './keyring.ts';
import { KeyringUnavailable } from './kms-unavailable.ts';

function newDataKey(version: number): DataKey {
  return { version, key: createSecretKey(randomBytes(32)) };
}

const dataKey = newDataKey(7);
const secret = Buffer.from('12345678901234567890');
const binding: SecretBinding = {
  owner: 'abcdefghijklmnopqrstuvwxyz',
  kind: 'config',
  item: 3,
  parameters: { otp_type: 'totp', algorithm: 'sha1', digits: 6, interval: 30 },
};

describe('a sealed secret', () => {
  test('opens to what was sealed, whatever its length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }), (plaintext, version) => {
        const key = newDataKey(version);
        const sealed = sealSecret(key, plaintext, binding);
        expect(sealedKeyVersion(sealed)).toBe(version);
        expect(Buffer.from(openSecret(key, sealed, binding))).toEqual(Buffer.from(plaintext));
      }),
    );
  });

  test('never looks the same twice and shows nothing of the secret', () => {
    const seals = Array.from({ length: 100 }, () => Buffer.from(sealSecret(dataKey, secret, binding)));
    expect(new Set(seals.map((sealed) => sealed.subarray(5, 33).toString('hex'))).size).toBe(100);
    expect(new Set(seals.map((sealed) => sealed.subarray(33).toString('hex'))).size).toBe(100);
    for (const sealed of seals) expect(sealed.includes(secret.subarray(0, 4))).toBe(false);
  });

  test('has a head of 33 bytes and a tag of 16', () => {
    const sealed = sealSecret(dataKey, secret, binding);
    expect(sealed.length).toBe(33 + secret.length + 16);
    expect([...sealed.subarray(0, 5)]).toEqual([1, 0, 0, 0, 7]);
  });

  test('opens where it lies in the middle of a larger buffer', () => {
    const sealed = sealSecret(dataKey, secret, binding);
    const larger = new Uint8Array(sealed.length + 20);
    larger.set(sealed, 11);
    expect(Buffer.from(openSecret(dataKey, larger.subarray(11, 11 + sealed.length), binding))).toEqual(secret);
  });
});

describe('a sealed secret does not open', () => {
  const sealed = sealSecret(dataKey, secret, binding);

  test('with any bit of any byte flipped', () => {
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Uint8Array.from(sealed, (byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      expect(() => openSecret(dataKey, changed, binding)).toThrow(SecretDoesNotOpen);
    }
  });

  test('cut to any length, or with anything added', () => {
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => openSecret(dataKey, sealed.subarray(0, length), binding)).toThrow(SecretDoesNotOpen);
      expect(() => openSecret(dataKey, sealed.subarray(sealed.length - length), binding)).toThrow(SecretDoesNotOpen);
    }
    expect(() => openSecret(dataKey, Buffer.concat([sealed, Buffer.alloc(1)]), binding)).toThrow(SecretDoesNotOpen);
  });

  test('and names no key version when it is too short or of another format', () => {
    for (let length = 0; length < 49; length += 1) {
      expect(() => sealedKeyVersion(sealed.subarray(0, length))).toThrow(SecretDoesNotOpen);
    }
    expect(() => sealedKeyVersion(Uint8Array.from([2, ...sealed.subarray(1)]))).toThrow(SecretDoesNotOpen);
  });

  test('as random bytes of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => openSecret(dataKey, bytes, binding)).toThrow(SecretDoesNotOpen);
        const shaped = Uint8Array.from([1, 0, 0, 0, 7, ...bytes]);
        expect(() => openSecret(dataKey, shaped, binding)).toThrow(SecretDoesNotOpen);
      }),
    );
  });

  test.each<[string, SecretBinding]>([
    ['another owner', { ...binding, owner: 'bbcdefghijklmnopqrstuvwxyz' }],
    ['another kind', { ...binding, kind: 'mfa' }],
    ['another item', { ...binding, item: 4 }],
    ['the item as text', { ...binding, item: '3' }],
    ['another parameter', { ...binding, parameters: { ...binding.parameters, digits: 8 } }],
    ['a parameter more', { ...binding, parameters: { ...binding.parameters, drift: 0 } }],
    ['a parameter less', { ...binding, parameters: { otp_type: 'totp', algorithm: 'sha1', digits: 6 } }],
    ['parts moved between fields', { ...binding, owner: `${binding.owner}","kind":"config`, kind: '' }],
  ])('for %s', (_what, other) => {
    expect(() => openSecret(dataKey, sealed, other)).toThrow(SecretDoesNotOpen);
  });

  test('with the pieces of two seals put together', () => {
    const other = sealSecret(dataKey, secret, binding);
    for (const cut of [21, 33, 53]) {
      const mixed = Buffer.concat([sealed.subarray(0, cut), other.subarray(cut)]);
      expect(() => openSecret(dataKey, mixed, binding)).toThrow(SecretDoesNotOpen);
    }
  });

  test('with another data key, whether of another version or of the same', () => {
    expect(() => openSecret(newDataKey(7), sealed, binding)).toThrow(SecretDoesNotOpen);
    const renumbered = { version: 8, key: dataKey.key };
    expect(() => openSecret(renumbered, sealed, binding)).toThrow(SecretDoesNotOpen);
    const changed = Uint8Array.from(sealed, (byte, at) => (at === 4 ? 8 : byte));
    expect(() => openSecret(renumbered, changed, binding)).toThrow(SecretDoesNotOpen);
  });

  test('and the error says nothing of it', () => {
    const changed = Uint8Array.from(sealed, (byte, at) => (at === sealed.length - 1 ? byte ^ 1 : byte));
    try {
      openSecret(dataKey, changed, binding);
      expect.unreachable();
    } catch (error) {
      const told =
        JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error instanceof Error && error.cause);
      expect(told).toContain('not authentic');
      for (const encoding of ['latin1', 'hex', 'base64'] as const)
        expect(told).not.toContain(secret.toString(encoding));
    }
  });
});

test('the order in which parameters are written does not matter', () => {
  const sealed = sealSecret(dataKey, secret, binding);
  const reordered = Object.fromEntries(Object.entries(binding.parameters).reverse());
  expect(Buffer.from(openSecret(dataKey, sealed, { ...binding, parameters: reordered }))).toEqual(secret);
});

describe('with a key ring', () => {
  const old = newDataKey(1);
  const newest = newDataKey(2);

  function ringOf(refusal?: Error): Keyring {
    return {
      current: async () => newest,
      async version(version) {
        const key = [old, newest].find((candidate) => candidate.version === version);
        if (refusal !== undefined) throw refusal;
        if (key === undefined) throw new DataKeyMissing('no such version');
        return key;
      },
    };
  }

  test('the newest version seals, and every version opens', async () => {
    const sealed = await sealWith(ringOf(), secret, binding);
    expect(sealedKeyVersion(sealed)).toBe(2);
    expect(Buffer.from(await openWith(ringOf(), sealed, binding))).toEqual(secret);
    expect(Buffer.from(await openWith(ringOf(), sealSecret(old, secret, binding), binding))).toEqual(secret);
  });

  test('a version that the ring does not have makes this one secret SecretDoesNotOpen', async () => {
    const sealed = sealSecret(newDataKey(3), secret, binding);
    await expect(openWith(ringOf(), sealed, binding)).rejects.toThrow(SecretDoesNotOpen);
    await expect(openWith(ringOf(), new Uint8Array(), binding)).rejects.toThrow(SecretDoesNotOpen);
  });

  test('a ring that cannot be had stays KeyringUnavailable: the secret may be sound', async () => {
    const refusal = new KeyringUnavailable('throttled');
    const sealed = sealSecret(newest, secret, binding);
    await expect(openWith(ringOf(refusal), sealed, binding)).rejects.toBe(refusal);
  });
});
