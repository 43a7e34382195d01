import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passwordProblems } from './password.ts';
import { passwordRules } from './password-rules.ts';

const good = 'Correct-Horse-9-Battery';
const brokenRules = (password: string, username = 'alice') =>
  passwordRules.filter((rule) => !rule.met(password, username)).map((rule) => rule.id);

describe('passwordRules (SPEC §6.1)', () => {
  it('has nothing against a password that follows them all', () => {
    expect(brokenRules(good)).toEqual([]);
  });

  it.each([
    ['Short-Pass1', ['length']],
    ['correct-horse-9-battery', ['upper']],
    ['CORRECT-HORSE-9-BATTERY', ['lower']],
    ['Correct-Horse-Battery', ['digit']],
    ['CorrectHorse9Battery', ['special']],
    ['', ['length', 'upper', 'lower', 'digit', 'special']],
    [`Aa1!${'x'.repeat(69)}`, ['bytes']],
    ['My-Alice-Pass-2', ['username']],
  ])('%j breaks %j', (password, ids) => {
    expect(brokenRules(password)).toEqual(ids);
  });

  it('counts characters, not UTF-16 units, and bytes, not characters', () => {
    expect(brokenRules(`Aa1!${'😀'.repeat(7)}`)).toEqual(['length']);
    expect(brokenRules(`Aa1!${'😀'.repeat(8)}`)).toEqual([]);
    expect(brokenRules(`Aa1!${'😀'.repeat(17)}`)).toEqual([]);
    expect(brokenRules(`Aa1!${'😀'.repeat(18)}`)).toEqual(['bytes']);
    expect(brokenRules(`Aa1!${'x'.repeat(68)}`)).toEqual([]);
  });

  it('takes letters and digits of any script and a space as a special character', () => {
    expect(brokenRules('Ünser Pässwort ٣ñ')).toEqual([]);
  });

  it('finds the username whatever its spelling, and ignores one that is not typed yet', () => {
    expect(brokenRules('xx-ＡＬＩＣＥ-9-Yy', 'Alice')).toEqual(['username']);
    expect(brokenRules(good, '')).toEqual([]);
  });
});

describe('passwordProblems', () => {
  it('is empty for a good password', () => {
    expect(passwordProblems(good, 'alice')).toEqual([]);
  });

  it.each([
    'Password2024!',
    'P@ssw0rd1234',
    'p4$$W0RD!!!!2',
    'P@ssw0rd!P@ssw0rd!',
    'Qwerty123456!',
    '!!!Dragon!!!77',
    'Iloveyou2024!',
    'Letmein12345!',
    'Passw0rd$$$$12',
    '1q2w3e4r5t6Y!',
    'Ｐassword2024!',
  ])('refuses %j: it is a common password in disguise', (password) => {
    expect(passwordProblems(password, 'alice')).toEqual(['Do not build it on a common password: choose other words.']);
  });

  it.each(['Tr0ub4dor&3xyz', 'Xk7#pQ2m!vR9zL', 'My 3 dragons sleep late', 'Summer-Winter-2024', 'Kv!839201472610'])(
    'lets %j pass',
    (password) => {
      expect(passwordProblems(password, 'alice')).toEqual([]);
    },
  );

  it('names every rule that is broken, and the list last', () => {
    expect(passwordProblems('password', 'alice')).toEqual([
      'Use at least 12 characters.',
      'Use an upper-case letter.',
      'Use a digit.',
      'Use a special character, such as a punctuation mark or a space.',
      'Do not build it on a common password: choose other words.',
    ]);
  });

  it('answers any text in an instant', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 90 }), (password) => {
        expect(passwordProblems(password, 'alice').length).toBeLessThanOrEqual(passwordRules.length + 1);
      }),
    );
    const started = performance.now();
    passwordProblems('a'.repeat(60_000), 'alice');
    passwordProblems(`${'a'.repeat(71)}b`, 'alice');
    expect(performance.now() - started).toBeLessThan(200);
  });
});
