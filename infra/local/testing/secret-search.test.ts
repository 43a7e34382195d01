import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeBase32 } from '../../../shared/domain/base32.ts';
import { createSecretSearch } from './secret-search.ts';

const canary = 'C4nary/+ "of" a tést?';
const secret = Buffer.from(canary);
const search = createSecretSearch([['the canary', secret]]);

/** Something before and behind that belongs to others. */
const among = (text: string) =>
  Buffer.from(`${randomBytes(500).toString('hex')}"${text}"${randomBytes(9).toString('hex')}`);

describe('the search for secrets (SECURITY 27, 28)', () => {
  it.each([
    ['plain', canary],
    ['JSON', JSON.stringify({ canary }).slice(1)],
    ['URL', encodeURIComponent(canary)],
    ['form', new URLSearchParams({ canary }).toString()],
    ['hex', secret.toString('hex')],
    ['HEX', secret.toString('hex').toUpperCase()],
    ['base64', secret.toString('base64')],
    ['base64url', secret.toString('base64url')],
    ['base32', encodeBase32(secret)],
    ['base32 in lower case', encodeBase32(secret).toLowerCase()],
  ])('finds one that stands there in %s', (encoding, text) => {
    // Where it has no character that tells them apart, one of two names stands for both.
    const names = encoding === 'base64url' ? ['base64', encoding] : [encoding];
    const found = search(among(text));
    expect(names.some((name) => found.includes(`the canary in ${name}`))).toBe(true);
  });

  it.each(Array.from({ length: 15 }, (_, before) => before))(
    'finds one behind %i other bytes of what is encoded',
    (before) => {
      const bytes = Buffer.concat([randomBytes(before), secret, randomBytes(7)]);
      expect(search(among(bytes.toString('base64')))).toEqual(['the canary in base64']);
      expect(search(among(bytes.toString('base64url')))).toEqual([expect.stringMatching(/^the canary in base64/)]);
      expect(search(among(encodeBase32(bytes)))).toEqual(['the canary in base32']);
      expect(search(among(bytes.toString('hex')))).toEqual(['the canary in hex']);
    },
  );

  it('finds one at the very beginning and at the very end, and of several each', () => {
    const other = randomBytes(20);
    const both = createSecretSearch([
      ['the canary', secret],
      ['the other', other],
    ]);
    expect(both(Buffer.concat([secret, randomBytes(100), other])).sort()).toEqual([
      'the canary in plain',
      'the other in plain',
    ]);
  });

  it('finds nothing where there is nothing, nor a part', () => {
    expect(search(among(canary.slice(0, -1)))).toEqual([]);
    expect(search(Buffer.from('short'))).toEqual([]);
    expect(search(randomBytes(100_000))).toEqual([]);
  });

  it('goes through a megabyte for ten thousand secrets in less than a second', () => {
    const many = createSecretSearch(
      Array.from({ length: 10_000 }, (_, at) => [`secret ${at}`, randomBytes(20)] as const),
    );
    const haystack = Buffer.from(randomBytes(2 ** 19).toString('hex'));
    const before = process.cpuUsage();
    expect(many(haystack)).toEqual([]);
    expect(process.cpuUsage(before).user).toBeLessThan(1e6);
  });
});
