import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './build.ts';
import { readmeFile, refresh } from './readme.ts';
import { makeTemplate } from './testing/stack-under-test.ts';

const readme = await readFile(readmeFile, 'utf8');

/** The text below a heading, down to the next of its rank. */
function section(heading: string): string {
  const [, text = ''] = readme.split(new RegExp(`^## ${heading}$`, 'm'));
  return text.split(/^## /m)[0] ?? '';
}

describe('README', () => {
  it('has its generated tables up to date: npm run readme writes them', () => {
    expect(refresh(readme)).toBe(readme);
  });

  it('has a heading in its runbook for every alarm, and no other', () => {
    const alarms = Object.values(makeTemplate().findResources('AWS::CloudWatch::Alarm'));
    const names = alarms.map(({ Properties }) => String(Properties.AlarmName).replace(/^otp-service-[^-]+-/, ''));
    const headings = [...section('Operate it by alarm name').matchAll(/^### (\S+)$/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(headings.sort()).toEqual(names.sort());
    for (const name of names)
      expect(section('Operate it by alarm name')).toMatch(new RegExp(`^### ${name}\n\n\\S.{60,}`, 'm'));
  });

  it('gives a reason for every package that is depended on, and for no other', async () => {
    const { dependencies, devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const listed = [...section('Packages').matchAll(/^\| (`[^|]+`) +\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    );
    expect(listed.sort()).toEqual(Object.keys({ ...dependencies, ...devDependencies }).sort());
  });

  it('names only files that are there', () => {
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path);
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('names only npm scripts that are there', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const named = [...readme.matchAll(/`npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
