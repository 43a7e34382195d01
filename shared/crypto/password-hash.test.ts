import { getRounds, hash } from 'bcryptjs';
import { describe, expect, test } from 'vitest';
import { account } from '../domain/policy.ts';
import { hashPassword, PasswordTooLong, passwordMatches } from './password-hash.ts';

const password = 'Correct-horse-7-battery';
const passwordHash = await hashPassword(password);
const longest = 'ä'.repeat(36);
const longestHash = await hash(longest, 4);

describe('hashPassword', () => {
  test('uses the cost of the policy and a salt of its own', async () => {
    expect(getRounds(passwordHash)).toBe(account.bcryptCost);
    expect(await hashPassword(password)).not.toBe(passwordHash);
  });

  test('refuses more than 72 bytes, counted in UTF-8', async () => {
    await expect(hashPassword('a'.repeat(73))).rejects.toThrow(PasswordTooLong);
    await expect(hashPassword(`${longest}a`)).rejects.toThrow(PasswordTooLong);
    await expect(hashPassword('😀'.repeat(19))).rejects.toThrow(PasswordTooLong);
  });

  test('takes exactly 72 bytes, all of which count', async () => {
    const stored = await hashPassword('a'.repeat(72));
    expect(await passwordMatches('a'.repeat(72), stored)).toBe(true);
    expect(await passwordMatches(`${'a'.repeat(71)}b`, stored)).toBe(false);
  });
});

describe('passwordMatches', () => {
  test('accepts the password and nothing like it', async () => {
    expect(await passwordMatches(password, passwordHash)).toBe(true);
    expect(await passwordMatches(`${password} `, passwordHash)).toBe(false);
    expect(await passwordMatches('', passwordHash)).toBe(false);
  });

  test('is false for a longer password whose first 72 bytes are right', async () => {
    expect(await passwordMatches(longest, longestHash)).toBe(true);
    expect(await passwordMatches(`${longest}x`, longestHash)).toBe(false);
  });

  test('is false where there is no user', async () => {
    expect(await passwordMatches(password, undefined)).toBe(false);
    expect(await passwordMatches('', undefined)).toBe(false);
  });

  test('takes as long where there is no user, or the password is too long, as where there is one', async () => {
    const ms: Record<string, number[]> = { wrong: [], unknown: [], tooLong: [] };
    const tries = {
      wrong: () => passwordMatches('wrong', passwordHash),
      unknown: () => passwordMatches('wrong', undefined),
      tooLong: () => passwordMatches('x'.repeat(1000), passwordHash),
    };
    for (let round = 0; round < 3; round += 1) {
      for (const [name, run] of Object.entries(tries)) {
        const startedAt = process.cpuUsage();
        await run();
        const { user, system } = process.cpuUsage(startedAt);
        ms[name]?.push((user + system) / 1000);
      }
    }
    const [wrong, unknown, tooLong] = Object.values(ms).map((spans) => Math.min(...spans));
    if (wrong === undefined || unknown === undefined || tooLong === undefined) throw new Error('not measured');
    expect(unknown / wrong).toBeGreaterThan(0.8);
    expect(unknown / wrong).toBeLessThan(1.25);
    expect(tooLong / wrong).toBeGreaterThan(0.8);
    expect(tooLong / wrong).toBeLessThan(1.25);
  }, 30_000);

  test.each([
    ['an empty text', ''],
    ['a hash that was cut', passwordHash.slice(0, -1)],
    ['a hash that goes on', `${passwordHash}x`],
    ['another scheme', passwordHash.replace('$2b$', '$2z$')],
    ['a plain password', password],
  ])('throws for %s in place of a hash, and does not repeat it', async (_what, malformed) => {
    const refusal = await passwordMatches(password, malformed).catch((error: unknown) => error);
    expect(refusal).toEqual(new Error('a stored password hash is malformed'));
  });

  test('throws for a cost that does not exist', async () => {
    await expect(passwordMatches(password, passwordHash.replace(/^\$2b\$\d\d/, '$2b$99'))).rejects.toThrow();
  });
});
