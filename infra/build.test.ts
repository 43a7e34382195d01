import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  buildFunctions,
  built,
  bundleOptions,
  eventStreams,
  lazyCredentialProviders,
  listOperations,
} from './build.ts';

describe('buildFunctions', () => {
  beforeAll(async () => {
    await buildFunctions();
  }, 120_000);

  test('bundles every function of the tree, and no test', async () => {
    const operations = await listOperations();
    expect(operations.filter((operation) => operation.includes('.test'))).toEqual([]);
    expect(operations.length).toBeGreaterThan(0);
    for (const operation of operations) {
      expect((await stat(join(built.functions, operation, 'index.mjs'))).size).toBeGreaterThan(0);
    }
  });

  test('does nothing, and soon, when nothing changed', async () => {
    const bundles = (await listOperations()).map((operation) => join(built.functions, operation, 'index.mjs'));
    const before = await Promise.all(bundles.map((file) => stat(file)));
    const started = performance.now();
    await buildFunctions();
    expect(performance.now() - started).toBeLessThan(2000);
    const after = await Promise.all(bundles.map((file) => stat(file)));
    expect(after.map(({ mtimeMs }) => mtimeMs)).toEqual(before.map(({ mtimeMs }) => mtimeMs));
  });

  test('refuses a function that is not there', async () => {
    await expect(buildFunctions({ functions: ['otp/guess'] })).rejects.toThrow('There is no function otp/guess');
  });

  test('leaves out what Lambda never loads, and takes the packages’ ES modules', () => {
    expect(bundleOptions).toMatchObject({
      minify: true,
      target: 'node24',
      mainFields: ['module', 'main'],
      external: [...lazyCredentialProviders, eventStreams],
      legalComments: 'none',
    });
    expect(bundleOptions).not.toHaveProperty('keepNames');
  });
});
