import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildFunctions, listOperations } from './build.ts';
import { type BundleMeta, budgets, readMeta, weighBundles, weighConsole } from './bundles.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

describe('the functions’ bundles', () => {
  let meta: BundleMeta;

  beforeAll(async () => {
    await buildFunctions();
    meta = await readMeta();
  }, 120_000);

  test('are one for each function', async () => {
    expect(
      weighBundles(meta)
        .map(({ operation }) => operation)
        .sort(),
    ).toEqual(await listOperations());
  });

  test('keep their budget and hold nothing that is forbidden', () => {
    const faulty = weighBundles(meta).filter(({ faults }) => faults.length > 0);
    expect(faulty.map(({ operation, bytes, faults }) => ({ operation, bytes, faults }))).toEqual([]);
  });

  test('carry the KMS client only where the budget is the larger one', () => {
    for (const { budget, operation } of weighBundles(meta)) {
      expect(budget, operation).toBe(holdsKms(meta, operation) ? budgets.functionWithKms : budgets.function);
    }
  });
});

function holdsKms(meta: BundleMeta, operation: string): boolean {
  const output = Object.entries(meta.outputs).find(([path]) => path.endsWith(`/${operation}/index.mjs`))?.[1];
  return Object.keys(output?.inputs ?? {}).some((file) => file.includes('/@aws-sdk/client-kms/'));
}

describe('a bundle', () => {
  const bundle = (output: Partial<BundleMeta['outputs'][string]>) =>
    weighBundles({
      outputs: { '.build/functions/test/made-up/index.mjs': { bytes: 1000, imports: [], inputs: {}, ...output } },
    })[0];

  test('is at fault over its budget, which is larger with the KMS client', () => {
    expect(bundle({ bytes: 400_001 })?.faults).toEqual(['is 0.0 kB over its budget']);
    const kms = { 'node_modules/@aws-sdk/client-kms/dist-es/KMSClient.js': { bytesInOutput: 10 } };
    expect(bundle({ bytes: 480_000, inputs: kms })?.faults).toEqual([]);
    expect(bundle({ bytes: 490_000, inputs: kms })?.faults).toEqual(['is 10.0 kB over its budget']);
  });

  test('is at fault when a forbidden package leaked in, wherever it is installed', () => {
    const leaked = (file: string) => bundle({ inputs: { [file]: { bytesInOutput: 1 } } })?.faults;
    expect(leaked('node_modules/@aws-sdk/credential-provider-ini/dist-es/index.js')).toHaveLength(1);
    expect(leaked('node_modules/x/node_modules/protobufjs/index.js')).toHaveLength(1);
    expect(leaked('node_modules/zod/v4/classic/schemas.js')).toHaveLength(1);
    expect(leaked('node_modules/zod/v4/locales/de.js')).toHaveLength(1);
    expect(leaked('node_modules/zod/v4/locales/en.js')).toEqual([]);
    expect(leaked('node_modules/protobufjs-not/index.js')).toEqual([]);
  });

  test('is not at fault for what was shaken out of it', () => {
    const inputs = { 'node_modules/protobufjs/index.js': { bytesInOutput: 0 } };
    expect(bundle({ inputs })?.faults).toEqual([]);
  });

  test('is at fault for a static import that loads undici, not for a lazy one', () => {
    const importing = (kind: string) => bundle({ imports: [{ path: 'node:http', kind, external: true }] })?.faults;
    expect(importing('import-statement')).toEqual(['imports node:http statically, which loads undici']);
    expect(importing('dynamic-import')).toEqual([]);
  });
});

describe('the console’s first load', () => {
  test('is the gzipped scripts that the page names, once each', async () => {
    const folder = temporaryFolder();
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'assets/a.js'), 'a'.repeat(5000));
    await writeFile(join(folder, 'assets/b.js'), 'b'.repeat(50));
    await writeFile(join(folder, 'assets/later.js'), 'c'.repeat(9000));
    await writeFile(
      join(folder, 'index.html'),
      `<script type="module" crossorigin src="/assets/a.js"></script>
       <link rel="modulepreload" crossorigin href="/assets/b.js"><link rel="modulepreload" href="/assets/a.js">`,
    );
    const expected = gzipSync('a'.repeat(5000)).length + gzipSync('b'.repeat(50)).length;
    expect(await weighConsole(folder)).toBe(expected);
  });

  test('is unknown where there is no console', async () => {
    expect(await weighConsole(temporaryFolder())).toBeUndefined();
  });
});
