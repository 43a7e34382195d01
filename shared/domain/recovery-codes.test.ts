import { scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashRecoveryCode, makeRecoveryCodes, normaliseRecoveryCode } from './recovery-codes.ts';

const salt = new Uint8Array(16).fill(7);

describe('makeRecoveryCodes', () => {
  it('makes ten different codes of four groups: sixteen symbols of five bits are 80 bits', () => {
    const codes = makeRecoveryCodes();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
  });

  it('spells the random bytes and nothing else', () => {
    expect(makeRecoveryCodes((length) => new Uint8Array(length).fill(255))[0]).toBe('7777-7777-7777-7777');
  });
});

describe('normaliseRecoveryCode', () => {
  it.each(['abcd-efgh-2345-mnop', 'ABCD-EFGH-2345-MNOP', ' abcdefgh 2345mnop ', 'a-b c-d e-f g-h 2345 mnop\n'])(
    'reads %j',
    (typed) => {
      expect(normaliseRecoveryCode(typed)).toBe('abcdefgh2345mnop');
    },
  );

  it.each(['', 'abcd-efgh-2345-mno', 'abcd-efgh-2345-mnopq', 'abcd-efgh-2340-mnop', 'abcd-efgh-2345-mnoſ', '123456'])(
    'refuses %j',
    (typed) => {
      expect(normaliseRecoveryCode(typed)).toBeUndefined();
    },
  );

  it('reads every code that was made', () => {
    for (const code of makeRecoveryCodes()) expect(normaliseRecoveryCode(code)).toBe(code.replaceAll('-', ''));
  });
});

describe('hashRecoveryCode', () => {
  it('is scrypt of 16 MiB over the code and the salt (ASVS 6.5.2)', () => {
    const expected = scryptSync('abcdefgh2345mnop', salt, 32, { N: 16384, r: 8, p: 1 }).toString('base64url');
    expect(hashRecoveryCode('abcdefgh2345mnop', salt)).toBe(expected);
  });

  it('differs with the code and with the salt, and does not show the code', () => {
    const hash = hashRecoveryCode('abcdefgh2345mnop', salt);
    expect(hashRecoveryCode('abcdefgh2345mnoq', salt)).not.toBe(hash);
    expect(hashRecoveryCode('abcdefgh2345mnop', new Uint8Array(16))).not.toBe(hash);
    expect(hash).not.toContain('abcd');
  });
});
