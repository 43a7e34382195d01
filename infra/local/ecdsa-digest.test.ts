import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signDigest } from './ecdsa-digest.ts';

describe('signDigest', () => {
  it('signs so that whoever hashes the message can verify', () => {
    // Often enough that numbers with leading zeros and with a first bit of 1 occur.
    for (let round = 0; round < 40; round++) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const message = Buffer.from(`message ${round}`);
      const signature = signDigest(createHash('sha256').update(message).digest(), privateKey);
      expect(verify('sha256', message, publicKey, signature)).toBe(true);
      expect(verify('sha256', Buffer.from('another'), publicKey, signature)).toBe(false);
    }
  });

  it('refuses a key that is not private', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(() => signDigest(Buffer.alloc(32), createPublicKey(privateKey))).toThrow('not a private key');
  });
});
