import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalUsername, newEventId, newId, randomToken, userIdOf } from './ids.ts';

describe('userIdOf', () => {
  it('is 26 characters of a-z2-7: the first 128 bits of the hash of the name', () => {
    const bits = [...createHash('sha256').update('user:alice').digest().subarray(0, 16)]
      .map((byte) => byte.toString(2).padStart(8, '0'))
      .join('')
      .padEnd(130, '0');
    const expected = (bits.match(/.{5}/g) ?? []).map((five) =>
      'abcdefghijklmnopqrstuvwxyz234567'.charAt(Number.parseInt(five, 2)),
    );
    expect(userIdOf('alice')).toBe(expected.join(''));
    expect(userIdOf('alice')).toMatch(/^[a-z2-7]{26}$/);
  });

  it('is one id for all spellings of a name and another one for another name', () => {
    expect(userIdOf(canonicalUsername('ＡLICE'))).toBe(userIdOf('alice'));
    expect(userIdOf('alicf')).not.toBe(userIdOf('alice'));
  });
});

describe('newId', () => {
  it('spells the random bytes in a-z2-7', () => {
    expect(newId(5, () => Uint8Array.of(255, 255, 255, 255, 255))).toBe('77777777');
    expect(newId(3, (length) => new Uint8Array(length))).toBe('aaaaa');
  });

  it('does not repeat itself', () => {
    expect(new Set(Array.from({ length: 1000 }, () => newId(10))).size).toBe(1000);
    expect(newId(16)).toMatch(/^[a-z2-7]{26}$/);
  });
});

describe('newEventId', () => {
  const ids = Array.from({ length: 2000 }, newEventId);

  it('is 16 characters of a-z2-7 and does not repeat itself', () => {
    for (const id of ids) expect(id).toMatch(/^[a-z2-7]{16}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is random in each of its characters: what is fixed in a UUID is not in it', () => {
    for (let at = 0; at < 16; at++) expect(new Set(ids.map((id) => id[at])).size).toBe(32);
  });
});

describe('randomToken', () => {
  it('spells the random bytes in base64url without padding', () => {
    expect(randomToken(4, () => Uint8Array.of(251, 255, 191, 0))).toBe('-_-_AA');
    expect(randomToken(32)).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(randomToken(32)).not.toBe(randomToken(32));
  });
});
