import { generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joseSignature } from './es256-signature.ts';

// X.690 §8.3, written the plain way: no leading zeros but the one that keeps the number positive.
function derInteger(magnitude: Uint8Array): number[] {
  const bytes = [...magnitude];
  while (bytes.length > 1 && bytes[0] === 0) bytes.shift();
  if ((bytes[0] ?? 0) > 127) bytes.unshift(0);
  return [2, bytes.length, ...bytes];
}

function derOf(r: Uint8Array, s: Uint8Array): Uint8Array {
  const body = [...derInteger(r), ...derInteger(s)];
  return Uint8Array.from([0x30, body.length, ...body]);
}

const coordinate = fc
  .tuple(fc.integer({ min: 0, max: 31 }), fc.uint8Array({ minLength: 32, maxLength: 32 }))
  .map(([zeros, bytes]) => bytes.fill(0, 0, zeros));

test('keeps r and s at 32 bytes each, however many leading zeros they have', () => {
  fc.assert(
    fc.property(coordinate, coordinate, (r, s) => {
      expect(Buffer.from(joseSignature(derOf(r, s)))).toEqual(Buffer.concat([r, s]));
    }),
    { numRuns: 1000 },
  );
});

test('verifies as ieee-p1363 for two hundred real signatures', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  for (let message = 0; message < 200; message += 1) {
    const data = Buffer.from(`${message}`);
    const signature = joseSignature(sign('sha256', data, privateKey));
    expect(verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
  }
});

describe('refuses', () => {
  const der = derOf(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2));

  test('a signature that is cut at any place, or goes on', () => {
    for (let length = 0; length < der.length; length += 1) {
      expect(() => joseSignature(der.subarray(0, length))).toThrow('not a DER signature');
    }
    expect(() => joseSignature(Uint8Array.from([...der, 0]))).toThrow('not a DER signature');
  });

  test('a number of more than 32 bytes, as of a larger curve', () => {
    expect(() => joseSignature(derOf(new Uint8Array(33).fill(1), new Uint8Array(32).fill(1)))).toThrow('not a DER');
    expect(() => joseSignature(derOf(new Uint8Array(48).fill(1), new Uint8Array(48).fill(1)))).toThrow('not a DER');
  });

  test('a number without bytes, and a third thing in the sequence', () => {
    expect(() => joseSignature(Uint8Array.from([0x30, 5, 2, 0, 2, 1, 1]))).toThrow('not a DER signature');
    expect(() => joseSignature(Uint8Array.from([0x30, 8, 2, 1, 1, 2, 1, 1, 5, 0]))).toThrow('not a DER signature');
  });

  test('other tags and lengths that do not add up', () => {
    for (const at of [0, 1, 2, 3, 36, 37]) {
      const changed = Uint8Array.from(der, (byte, index) => (index === at ? byte + 1 : byte));
      expect(() => joseSignature(changed)).toThrow('not a DER signature');
    }
  });
});
