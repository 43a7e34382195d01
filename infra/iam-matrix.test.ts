import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { describeIam, matrixFile } from './iam-matrix.ts';
import { needs } from './needs.ts';
import { makeTemplate } from './testing/stack-under-test.ts';

const template = makeTemplate().toJSON();
const matrix = describeIam(template);

describe('the IAM matrix (SECURITY 34)', () => {
  test('is up to date: npm run iam-matrix writes it', async () => {
    expect(await readFile(matrixFile, 'utf8')).toBe(matrix);
  });

  test('has a row for each function', () => {
    const named = [...matrix.matchAll(/^\| ([a-z-]+\/[a-z-]+) +\|/gm)].map(([, name]) => name);
    expect(named).toEqual(Object.keys(needs).sort());
    expect(matrix).not.toContain('undefined');
  });

  test('tells partitions, rings and signing of a function as the template has them', () => {
    const cells = (operation: string) =>
      matrix
        .split('\n')
        .find((line) => line.startsWith(`| ${operation} `))
        ?.split('|')
        .map((cell) => cell.trim());
    expect(cells('otp/validate-code')).toEqual([
      '',
      'otp/validate-code',
      'APIKEY#* CONFIG#* IDEM#* METER#* SECRET#* SESSION#* USER#*',
      'KEYRING#otp KEYRING#signing',
      'EVENT#* IDEM#*',
      'APIKEY#* CONFIG#* METER#* SESSION#*',
      '',
      'otp',
      '',
      '',
      '',
    ]);
    expect(cells('token/refresh-token')?.[8]).toBe('SigningKey');
    expect(cells('audit/list-logs')?.[3]).toContain('Table index audit: AUDIT#*');
  });

  test('refuses what it has no place for, rather than leave it out', () => {
    expect(() => describeIam(withFirstStatement({ Effect: 'Deny' }))).toThrow();
    expect(() => describeIam(withFirstStatement({ NotAction: 'dynamodb:*' }))).toThrow();
  });
});

/** The template, one statement about items in it changed. */
function withFirstStatement(change: object): unknown {
  let changed = false;
  return JSON.parse(JSON.stringify(template), (key, value) => {
    if (key !== 'Statement' || changed || !JSON.stringify(value).includes('dynamodb:')) return value;
    changed = true;
    const [first, ...others] = value;
    return [{ ...first, ...change }, ...others];
  });
}
