import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './build.ts';
import { readmeFile } from './readme.ts';

/** How many requirements there are: README, “The security rules and where each lives”. */
const requirements = Array.from({ length: 36 }, (_, at) => at + 1);

/** The numbers that the titles of tests carry, each with the files that have it. */
async function provenNumbers(): Promise<Map<number, Set<string>>> {
  const proven = new Map<number, Set<string>>();
  for await (const file of glob('{functions,infra,shared,web}/**/*.test.{ts,tsx}', {
    cwd: root,
    exclude: ['**/node_modules'],
  })) {
    for (const number of numbersIn(await readFile(join(root, file), 'utf8'))) {
      proven.set(number, (proven.get(number) ?? new Set()).add(file));
    }
  }
  return proven;
}

/** The numbers in titles: within quotes, as `(SECURITY 30, 32)` or before a colon. A comment proves nothing. */
function numbersIn(text: string): number[] {
  const lines = text.split('\n').filter((line) => !/^\s*(\/\/|\*)/.test(line));
  const literals = lines.flatMap((line) => [...line.matchAll(/(?<quote>['"`])(?:\\.|(?!\k<quote>).)*\k<quote>/g)]);
  const lists = literals.flatMap(([literal]) => [...literal.matchAll(/\bSECURITY (\d+(?:, \d+)*)\b/g)]);
  return lists.flatMap(([, numbers = '']) => numbers.split(', ').map(Number));
}

/** The rows of the README's table by their numbers: its links by column. */
async function rows(): Promise<Map<number, { code: string[]; tests: string[] }>> {
  const readme = await readFile(readmeFile, 'utf8');
  const [, section = ''] = readme.split(/^## The security rules and where each lives$/m);
  const lines = (section.split(/^## /m)[0] ?? '').split('\n').filter((line) => /^\| \d/.test(line));
  return new Map(
    lines.map((line) => {
      const [, number = '', , code = '', tests = ''] = line.split('|');
      return [Number(number), { code: linksIn(code), tests: linksIn(tests) }] as const;
    }),
  );
}

function linksIn(cell: string): string[] {
  return [...cell.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path);
}

describe('each security requirement', async () => {
  const [proven, told] = [await provenNumbers(), await rows()];

  it('has a test whose title carries its number', () => {
    expect(requirements.filter((number) => !proven.has(number))).toEqual([]);
    expect([...proven.keys()].filter((number) => !requirements.includes(number))).toEqual([]);
  });

  it('has its row in the README, with code, and with tests that carry its number', () => {
    expect([...told.keys()]).toEqual(requirements);
    const without = [...told].filter(([, { code, tests }]) => code.length === 0 || tests.length === 0);
    expect(without.map(([number]) => number)).toEqual([]);
    const wrong = [...told].flatMap(([number, { tests }]) =>
      tests.filter((file) => !proven.get(number)?.has(file)).map((file) => `${number}: ${file}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('numbers in titles', () => {
  it('are found in quotes alone', () => {
    const number = (list: string) => `SECURITY ${list}`;
    const titles = `it('a (${number('1')})', …); it.each([["b (${number('30, 32')})"]]) // (${number('5')})`;
    expect(numbersIn(`${titles}\n  // 'c (${number('6')})'`)).toEqual([1, 30, 32]);
    expect(numbersIn(`describe('${number('34')}: least privilege', …)`)).toEqual([34]);
  });
});
