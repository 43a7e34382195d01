import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as z from 'zod';
import { buildConsole, buildFunctions, built, lazyCredentialProviders } from './build.ts';
import { runCommand } from './run-command.ts';

/** SPEC §11, in bytes. */
export const budgets = { function: 400_000, functionWithKms: 480_000, consoleFirstLoad: 200_000 } as const;

/** What must not be in any function's bundle, and why. A name ending in `/` stands for what is inside of it. */
export const forbidden: Readonly<Record<string, string>> = {
  ...Object.fromEntries(lazyCredentialProviders.map((name) => [name, 'Lambda has its credentials in the environment'])),
  '@aws-sdk/client-sso': 'credentials are in the environment',
  '@aws-sdk/client-sts': 'credentials are in the environment',
  '@aws-sdk/nested-clients': 'credentials are in the environment',
  '@noble/curves': 'tokens are signed and verified by KMS and Node',
  'aws-cdk-lib': 'belongs to the deployment',
  'aws-xray-sdk-core': 'Lambda traces by itself',
  protobufjs: 'migration payloads need a few fields only',
  'zod/v4/classic/': 'imported by `zod`: write `zod/mini`, which makes a schema with a fraction of the work',
  'zod/v4/locales/': 'imported by `{ z }`: write `import * as z`; messages are English alone',
};

// The one locale that `read-request.ts` asks for.
const allowedFiles = ['zod/v4/locales/en.js', 'zod/v4/locales/en.mjs'];

// A static import from an ES module reads every export, and one of these is undici's: 14–21 ms of every cold start.
const slowBuiltins = ['node:http', 'http'];

const metaSchema = z.object({
  outputs: z.record(
    z.string(),
    z.object({
      bytes: z.number(),
      imports: z.array(z.object({ path: z.string(), kind: z.string(), external: z.boolean().optional() })),
      inputs: z.record(z.string(), z.object({ bytesInOutput: z.number() })),
    }),
  ),
});

/** The metafile of the build, as far as it is read here. */
export type BundleMeta = z.output<typeof metaSchema>;

/** One function's bundle. */
export interface Bundle {
  readonly operation: string;
  readonly bytes: number;
  readonly budget: number;
  /** What is wrong with it, each a sentence. */
  readonly faults: readonly string[];
  /** The five largest packages inside, with their bytes. */
  readonly largest: readonly (readonly [name: string, bytes: number])[];
}

/** Weighs every bundle of a build and looks for what must not be in it. Largest first. */
export function weighBundles(meta: BundleMeta): Bundle[] {
  return Object.entries(meta.outputs)
    .map(([path, output]): Bundle => {
      const files = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
      const modules = files.map(([file]) => file.slice(file.lastIndexOf('node_modules/') + 'node_modules/'.length));
      const packages = new Map<string, number>();
      for (const [file, { bytesInOutput }] of files) {
        const name = packageOf(file);
        packages.set(name, (packages.get(name) ?? 0) + bytesInOutput);
      }
      const budget = packages.has('@aws-sdk/client-kms') ? budgets.functionWithKms : budgets.function;
      const unwanted = Object.entries(forbidden).filter(([name]) =>
        modules.some(
          (module) => module.startsWith(name.endsWith('/') ? name : `${name}/`) && !allowedFiles.includes(module),
        ),
      );
      const slow = output.imports.filter(
        ({ kind, path }) => kind === 'import-statement' && slowBuiltins.includes(path),
      );
      return {
        operation: path.replace(/^.*\.build\/functions\//, '').replace(/\/index\.mjs$/, ''),
        bytes: output.bytes,
        budget,
        largest: [...packages].sort((a, b) => b[1] - a[1]).slice(0, 5),
        faults: [
          ...(output.bytes > budget ? [`is ${kilo(output.bytes - budget)} over its budget`] : []),
          ...unwanted.map(([name, reason]) => `holds ${name}: ${reason}`),
          ...slow.map(({ path: builtin }) => `imports ${builtin} statically, which loads undici`),
        ],
      };
    })
    .sort((a, b) => b.bytes - a.bytes);
}

/** Bytes of gzipped JavaScript that the console's first page names; undefined when the console is not built. */
export async function weighConsole(folder: string): Promise<number | undefined> {
  const page = join(folder, 'index.html');
  if (!existsSync(page)) return undefined;
  const html = await readFile(page, 'utf8');
  const scripts = html.matchAll(/<(?:script[^>]*\ssrc|link[^>]*rel="modulepreload"[^>]*\shref)="([^"]+\.js)"/g);
  const names = new Set([...scripts].flatMap(([, name]) => (name === undefined ? [] : [name])));
  const sizes = await Promise.all([...names].map(async (name) => gzipSync(await readFile(join(folder, name))).length));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The metafile of the last build. */
export async function readMeta(): Promise<BundleMeta> {
  return metaSchema.parse(JSON.parse(await readFile(built.meta, 'utf8')));
}

function packageOf(file: string): string {
  const inside = file.split('node_modules/').at(-1);
  if (inside === undefined || inside === file) return 'own code';
  return inside
    .split('/')
    .slice(0, inside.startsWith('@') ? 2 : 1)
    .join('/');
}

function kilo(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

async function reportBundles(): Promise<void> {
  const onlyFaults = process.argv.includes('--check');
  await buildFunctions();
  await buildConsole();
  const bundles = weighBundles(await readMeta());
  for (const { operation, bytes, largest } of onlyFaults ? [] : bundles) {
    const inside = largest.map(([name, size]) => `${name} ${kilo(size)}`).join(', ');
    console.log(`${kilo(bytes).padStart(10)}  ${operation.padEnd(32)}  ${inside}`);
  }
  const firstLoad = await weighConsole(built.console);
  if (!onlyFaults && firstLoad !== undefined) console.log(`${kilo(firstLoad).padStart(10)}  console, first load, gzip`);

  const faults = bundles.flatMap(({ operation, faults }) => faults.map((fault) => `${operation} ${fault}`));
  if (firstLoad !== undefined && firstLoad > budgets.consoleFirstLoad) {
    faults.push(`The console’s first load is ${kilo(firstLoad - budgets.consoleFirstLoad)} over its budget`);
  }
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

if (import.meta.main) await runCommand(reportBundles);
