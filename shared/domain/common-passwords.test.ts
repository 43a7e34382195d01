import passwords from '@zxcvbn-ts/language-common/src/passwords.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { isCommonPassword, readCommonPasswords } from './common-passwords.ts';

describe('the packed list', () => {
  it('is the 10,000 most common passwords of its source (else: node shared/domain/pack-common-passwords.ts)', () => {
    const list = readCommonPasswords();
    expect(list).toHaveLength(10_000);
    expect(new Set(list)).toEqual(new Set(passwords.slice(0, 10_000)));
  });
});

describe('isCommonPassword', () => {
  it('knows every password of the list, in any case and with an ending', () => {
    for (const password of readCommonPasswords()) {
      expect(isCommonPassword(password)).toBe(true);
      expect(isCommonPassword(password.toUpperCase())).toBe(true);
    }
    for (const password of readCommonPasswords().filter((text) => /\p{L}$/u.test(text))) {
      expect(isCommonPassword(`${password}_2024!`)).toBe(true);
    }
  });

  it('is not fooled by what stands for a letter', () => {
    for (const disguise of ['m0nk3y', 'MONKEY!', '$uperm4n', '|loveyou', 'dr@g0n', 'ba5eball']) {
      expect(isCommonPassword(disguise)).toBe(true);
    }
  });

  it('lets a common word be a part of something longer', () => {
    for (const password of ['dragonflies over water', 'monkeyswing', 'notapassword2']) {
      expect(isCommonPassword(password)).toBe(false);
    }
  });

  it('is false for nothing and for digits and signs that are in no list', () => {
    for (const text of ['', '!!!', '83920147261047']) expect(isCommonPassword(text)).toBe(false);
  });
});
