import { existsSync } from 'node:fs';
import { glob, readdir, readFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contracts } from '../shared/api/index.ts';
import { listOperations, root } from './build.ts';
import { needs } from './needs.ts';

/** One import of a file: of what, and whether only types are taken, which no bundle holds. */
interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const sources = await readSources();
const code = sources.filter(({ file }) => !isTest(file));
const imports = code.flatMap(({ file, text }) => importsOf(file, text));

async function readSources(): Promise<{ file: string; text: string }[]> {
  const found: { file: string; text: string }[] = [];
  for await (const file of glob(['shared/**/*.ts', 'functions/**/*.ts', 'infra/**/*.ts', 'web/**/*.{ts,tsx}'], {
    cwd: root,
  })) {
    if (!file.includes('node_modules')) found.push({ file, text: await readFile(join(root, file), 'utf8') });
  }
  return found;
}

function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file) || file.includes('/testing/');
}

function importsOf(file: string, text: string): Import[] {
  const statements = /^\s*(?:import|export)\s+(?<type>type\s)?(?:[^'"`;]*?\sfrom\s+)?['"](?<to>[^'"]+)['"]/gm;
  const dynamic = /\bimport\(\s*['"](?<to>[^'"]+)['"]/g;
  return [...text.matchAll(statements), ...text.matchAll(dynamic)].flatMap(({ groups }) =>
    groups?.['to'] === undefined
      ? []
      : [{ from: file, to: resolved(file, groups['to']), typeOnly: groups['type'] !== undefined }],
  );
}

function resolved(file: string, to: string): string {
  return to.startsWith('.') ? posix.join(posix.dirname(file), to) : to;
}

const own = /^(shared|functions|infra|web)\//;

/** Files by their path, or one by one. */
type Place = RegExp | ReadonlySet<string>;

/** Imports between our own folders, of files that `inside` matches, that none of the places allows. */
function strayImports(inside: RegExp, allowed: readonly Place[], { types }: { types: boolean }): string[] {
  return imports
    .filter(({ from, to, typeOnly }) => inside.test(from) && own.test(to) && !inside.test(to) && (types || !typeOnly))
    .filter(({ to }) => !allowed.some((place) => (place instanceof RegExp ? place.test(to) : place.has(to))))
    .map(({ from, to }) => `${from} → ${to}`);
}

const policy = /^shared\/domain\/policy\.ts$/;
const api = /^shared\/api\//;
const domain = /^shared\/domain\//;
const crypto = /^shared\/crypto\//;
const data = /^shared\/data\//;
const http = /^shared\/http\//;
const flows = /^shared\/flows\//;
const config = /^shared\/config\.ts$/;
const log = /^shared\/log\.ts$/;

/** Rules that need nothing from outside, not even of Node, and no more than others of their kind: the browser may have them. */
const plainRules = new Set(code.map(({ file }) => file).filter((file) => domain.test(file) && isPlain(file)));

function isPlain(file: string, above: readonly string[] = []): boolean {
  const needed = imports.filter(({ from, to }) => from === file && !above.includes(to)).map(({ to }) => to);
  return needed.every((to) => domain.test(to) && isPlain(to, [...above, file]));
}

/** A file and all that it imports, and so on. */
function reachedFrom(file: string, reached = new Set<string>()): Set<string> {
  if (reached.has(file)) return reached;
  reached.add(file);
  for (const { to } of imports.filter(({ from }) => from === file)) reachedFrom(to, reached);
  return reached;
}

describe('arrows between folders run one way', () => {
  test.each([
    ['shared/domain/policy.ts', policy, []],
    ['shared/api', api, [plainRules]],
    ['shared/domain', domain, [api]],
    ['shared/config.ts', config, [policy]],
    ['shared/log.ts', log, []],
    ['shared/crypto', crypto, [api, domain, log]],
    ['shared/data', data, [api, domain, log]],
    ['shared/http', http, [api, domain, crypto, data, config, log]],
    ['shared/flows', flows, [api, domain, crypto, data, http, config, log]],
    ['functions', /^functions\//, [api, domain, crypto, data, http, flows, config, log]],
  ])('%s', (_, inside, allowed) => {
    expect(strayImports(inside, allowed, { types: false })).toEqual([]);
  });

  test('the console sees the contracts, and rules that stand on their numbers alone', () => {
    expect(strayImports(/^web\//, [api, plainRules], { types: true })).toEqual([]);
  });

  test('the stack sees the contracts, the table’s map, the names of settings and metrics, and no code that runs in a function', () => {
    const stack = [...reachedFrom('infra/app.ts')].filter((file) => file.startsWith('infra/'));
    expect(stack).toContain('infra/endpoint-function.ts');
    const seen = [api, policy, config, log, /^shared\/data\/table-map\.ts$/, /^infra\//];
    const stray = imports
      .filter(({ from, to, typeOnly }) => stack.includes(from) && own.test(to) && !typeOnly)
      .filter(({ to }) => !seen.some((place) => place.test(to)));
    expect(stray).toEqual([]);
  });

  test('no function imports another, nor the table of routes', () => {
    const stray = imports.filter(
      ({ from, to }) => from.startsWith('functions/') && (to.startsWith('functions/') || to === 'shared/api/index.ts'),
    );
    // This one is about all routes.
    const aboutAll = ['functions/service/describe-service.ts'];
    expect(stray.filter(({ from }) => !aboutAll.includes(from))).toEqual([]);
  });

  test('contracts are made of zod/mini and nothing else from outside', () => {
    const outside = imports.filter(({ from, to }) => api.test(from) && !own.test(to)).map(({ to }) => to);
    expect([...new Set(outside)]).toEqual(['zod/mini']);
  });

  test('the rules ask no clock, no environment and no service', () => {
    // A script that makes a data file; nothing imports it.
    const script = 'shared/domain/pack-common-passwords.ts';
    const outside = imports.filter(({ from, to }) => domain.test(from) && from !== script && !own.test(to));
    const reaching = outside.filter(({ to }) => /aws|smithy|^node:(fs|http|net|process)/.test(to));
    // Its list stands beside it, too long for a bundle.
    const ownData = ['shared/domain/common-passwords.ts → node:fs'];
    expect(reaching.map(({ from, to }) => `${from} → ${to}`)).toEqual(ownData);
    expect(imports.filter(({ to }) => to === script)).toEqual([]);
    const unclean = code.filter(
      ({ file, text }) => domain.test(file) && /Date\.now|new Date\(\)|process\.env/.test(text),
    );
    expect(unclean.map(({ file }) => file)).toEqual([]);
  });

  test('the environment is read in one place, and by the log, which everything may use', () => {
    const readers = code.filter(({ file, text }) => /^(shared|functions)\//.test(file) && text.includes('process.env'));
    const known = ['shared/http/runtime.ts', 'shared/log.ts'];
    expect(readers.map(({ file }) => file).filter((file) => !known.includes(file))).toEqual([]);
  });
});

describe('an endpoint', () => {
  test.each(Object.keys(needs))('%s has its file and its test beside it', (operation) => {
    expect(existsSync(join(root, 'functions', `${operation}.ts`)), `functions/${operation}.ts`).toBe(true);
    expect(existsSync(join(root, 'functions', `${operation}.test.ts`)), `functions/${operation}.test.ts`).toBe(true);
  });

  test('has its row in needs.ts', () => {
    expect(contracts.map(({ operation }) => operation).filter((operation) => !Object.hasOwn(needs, operation))).toEqual(
      [],
    );
  });

  test('has one route: no method and path, and no operation, stands in two contracts', () => {
    const routes = contracts.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`);
    expect(new Set(routes).size).toBe(routes.length);
    expect(new Set(contracts.map(({ operation }) => operation)).size).toBe(contracts.length);
  });

  test('is a function with a row, and every row is a function', async () => {
    expect(await listOperations()).toEqual(Object.keys(needs).sort());
  });

  test('exports its handler', () => {
    const silent = code.filter(
      ({ file, text }) => file.startsWith('functions/') && !/^export (const|async function) handler\b/m.test(text),
    );
    expect(silent.map(({ file }) => file)).toEqual([]);
  });
});

describe('the repository', () => {
  test('has at its top what the design names, and nothing else', async () => {
    const allowed = [
      'functions',
      'infra',
      'shared',
      'web',
      'LICENSE',
      'README.md',
      'cdk.json',
      'package-lock.json',
      'package.json',
      'tsconfig.json',
      'vitest.config.ts',
    ];
    const entries = (await readdir(root)).filter((name) => !name.startsWith('.') && name !== 'node_modules');
    expect(entries.filter((name) => !allowed.includes(name))).toEqual([]);
  });

  test('names its files in kebab-case', () => {
    const odd = sources.filter(
      ({ file }) => !/^[a-z0-9-]+(\.[a-z0-9-]+)*\.tsx?$/.test(file.slice(dirname(file).length + 1)),
    );
    expect(odd.map(({ file }) => file)).toEqual([]);
  });

  test('has no folder for things without a name', () => {
    expect(sources.filter(({ file }) => /\/(utils?|helpers?|common|types|lib)(\/|\.ts)/.test(file))).toEqual([]);
  });

  test('takes zod as a namespace, which alone can be shaken', () => {
    const wrong = sources.filter(({ text }) =>
      /^import\s+(?!\* as z from|type \* as z from)[^;\n]*from 'zod(\/mini)?';/m.test(text),
    );
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  test('makes what runs in a function of zod/mini, whose schemas are made quickly', () => {
    const classic = sources.filter(
      ({ file, text }) =>
        /^(shared|functions)\//.test(file) && !/\.test\.ts$|\/testing\//.test(file) && /from 'zod';/.test(text),
    );
    expect(classic.map(({ file }) => file)).toEqual([]);
  });

  test('skips no test', () => {
    const skipping = sources.filter(
      ({ file, text }) => /\.test\.tsx?$/.test(file) && /\b(test|it|describe)\.(skip|only|todo)\b/.test(text),
    );
    expect(skipping.map(({ file }) => file).filter((file) => file !== 'infra/structure.test.ts')).toEqual([]);
  });
});
