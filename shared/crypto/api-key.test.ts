import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { apiKey } from '../domain/policy.ts';
import { type ApiKeyParts, apiKeyMatches, mintApiKey, parseApiKey } from './api-key.ts';

const userId = 'abcdefghijklmnopqrstuvwxyz';

function partsOf(text: string): ApiKeyParts {
  const parts = parseApiKey(text);
  if (parts === undefined) throw new Error('not an API key');
  return parts;
}

describe('mintApiKey', () => {
  test('gives a key that parses to its owner and id and matches its hash', () => {
    const { key, keyId, secretHash } = mintApiKey({ userId });
    expect(key).toMatch(/^otpk_[a-z2-7]+$/);
    expect(partsOf(key)).toMatchObject({ userId, keyId });
    expect(apiKeyMatches(partsOf(key), secretHash)).toBe(true);
  });

  test('draws at least 160 bit of secret and never the same twice, with every character of the alphabet', () => {
    const minted = Array.from({ length: 500 }, () => partsOf(mintApiKey({ userId }).key));
    expect(new Set(minted.map(({ secret }) => secret)).size).toBe(500);
    expect(new Set(minted.map(({ keyId }) => keyId)).size).toBe(500);
    expect(new Set(minted.flatMap(({ secret }) => [...secret])).size).toBe(32);
    for (const { secret } of minted) {
      expect(secret.length * 5).toBeGreaterThanOrEqual(160);
      expect(secret.length * 5).toBeGreaterThanOrEqual(apiKey.secretBytes * 8);
    }
  });

  test('tells the table a hash that does not contain the secret', () => {
    const { key, secretHash } = mintApiKey({ userId });
    const { secret, keyId } = partsOf(key);
    expect(secretHash).toBe(hash('sha256', `${userId}${keyId}${secret}`, 'base64url'));
  });
});

describe('parseApiKey', () => {
  const { key } = mintApiKey({ userId });

  test('ends in the CRC-32 of all before it, five bits a character, lowest first', () => {
    const sum = crc32(key.slice(0, -7));
    const digits = [...key.slice(-7)].map((character) => 'abcdefghijklmnopqrstuvwxyz234567'.indexOf(character));
    expect(digits.reduceRight((value, digit) => value * 32 + digit, 0)).toBe(sum);
  });

  test('refuses every single wrong character', () => {
    for (const [at, right] of [...key].entries()) {
      for (const wrong of 'abcdefghijklmnopqrstuvwxyz234567'.replace(right, '')) {
        expect(parseApiKey(`${key.slice(0, at)}${wrong}${key.slice(at + 1)}`)).toBeUndefined();
      }
    }
  });

  test('refuses two neighbours that changed places', () => {
    for (let at = 0; at < key.length - 1; at += 1) {
      const swapped = `${key.slice(0, at)}${key.charAt(at + 1)}${key.charAt(at)}${key.slice(at + 2)}`;
      expect(parseApiKey(swapped) === undefined || swapped === key).toBe(true);
    }
  });

  test.each([
    ['nothing', ''],
    ['the prefix alone', 'otpk_'],
    ['upper case', key.toUpperCase()],
    ['a line feed at the end', `${key}\n`],
    ['a space before it', ` ${key}`],
    ['a character missing', key.slice(0, -1)],
    ['a character more', `${key}a`],
    ['a token', 'eyJhbGciOiJFUzI1NiJ9.e30.AAAA'],
    ['a very long text', 'otpk_'.padEnd(100_000, 'a')],
  ])('refuses %s', (_what, text) => {
    expect(parseApiKey(text)).toBeUndefined();
  });
});

describe('apiKeyMatches', () => {
  const mine = mintApiKey({ userId });

  test('refuses the hash of another key of the same user', () => {
    expect(apiKeyMatches(partsOf(mine.key), mintApiKey({ userId }).secretHash)).toBe(false);
  });

  test('refuses the right secret under another owner or id', () => {
    const parts = partsOf(mine.key);
    expect(apiKeyMatches({ ...parts, userId: 'bbcdefghijklmnopqrstuvwxyz' }, mine.secretHash)).toBe(false);
    expect(apiKeyMatches({ ...parts, keyId: 'aaaaaaaaaa' }, mine.secretHash)).toBe(false);
  });

  test('refuses a hash of another length', () => {
    expect(apiKeyMatches(partsOf(mine.key), '')).toBe(false);
    expect(apiKeyMatches(partsOf(mine.key), mine.secretHash.slice(1))).toBe(false);
  });
});
