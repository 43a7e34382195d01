import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BuildOptions, build, transform } from 'esbuild';
import * as z from 'zod';
import { runCommand } from './run-command.ts';
import { dropUnusedDeclarations } from './unused-declarations.ts';

const run = promisify(execFile);

/** The repository's root; every path of the build hangs on it, wherever the command was started. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Where each result of the build is. */
export const built = {
  functions: join(root, '.build/functions'),
  meta: join(root, '.build/meta.json'),
  console: join(root, '.build/web'),
  assembly: join(root, '.build/cdk.out'),
  sam: join(root, '.build/sam'),
} as const;

/**
 * Imported by the SDK only when it must look for credentials. Lambda gives them in the environment, so these are never
 * loaded there: external, they cost nothing.
 */
export const lazyCredentialProviders = [
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-web-identity',
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/token-providers',
  '@smithy/credential-provider-imds',
] as const;

/**
 * Imported by the SDK only for an operation whose answer is a stream of events, which neither DynamoDB's nor KMS's is that are used
 * here: external like those, it costs nothing.
 */
export const eventStreams = '@smithy/core/event-streams';

/** The settings that every bundle shares. */
export const bundleOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minify: true,
  legalComments: 'none',
  charset: 'ascii',
  // The packages' ES modules first: only those can be shaken.
  mainFields: ['module', 'main'],
  external: [...lazyCredentialProviders, eventStreams],
  plugins: [dropUnusedDeclarations],
  // Parts of the SDK still call require() for Node's own modules, which an ES module does not have.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  outExtension: { '.js': '.mjs' },
  absWorkingDir: root,
  outdir: built.functions,
  metafile: true,
  write: false,
  // What is wrong stands in the error that is thrown.
  logLevel: 'silent',
} as const satisfies BuildOptions;

/** Files that a module reads when it is first asked for them: they stand beside every bundle that holds the module, as they are. */
const assets: Readonly<Record<string, readonly string[]>> = {
  'functions/service/read-docs.ts': [
    'node_modules/swagger-ui-dist/swagger-ui-bundle.js',
    'node_modules/swagger-ui-dist/swagger-ui.css',
  ],
  'shared/domain/common-passwords.ts': ['shared/domain/common-passwords.br'],
};

/** The description of the API stands beside the function that answers it: it is the same until the next build. */
const description = {
  operation: 'service/read-openapi',
  file: 'openapi.json',
  source: 'shared/api/openapi.ts',
} as const;

// What shapes the bundles without being in them.
const settingsFiles = ['infra/build.ts', 'infra/unused-declarations.ts', description.source];

/** Every function of the service: the path of its file under `functions/` without the ending, sorted. */
export async function listOperations(): Promise<string[]> {
  const operations: string[] = [];
  for await (const file of glob('functions/**/*.ts', { cwd: root })) {
    if (!/\.(test|check)\.ts$/.test(file))
      operations.push(relative('functions', file).replaceAll('\\', '/').slice(0, -3));
  }
  return operations.sort();
}

/**
 * Bundles all functions, or the named ones, to `.build/functions/<operation>/index.mjs`. What is up to date is not
 * built again; a file that did not change is not written again. Says which operations there are now.
 */
export async function buildFunctions({ functions }: { functions?: readonly string[] } = {}): Promise<string[]> {
  const all = await listOperations();
  const operations = functions ? [...functions].sort() : all;
  const missing = operations.filter((operation) => !all.includes(operation));
  if (missing.length > 0) throw new Error(`There is no function ${missing.join(', ')} under functions/.`);

  const stampFile = join(root, '.build/functions.stamp.json');
  const settings = digest([JSON.stringify(bundleOptions), JSON.stringify(assets), process.version]);
  const isFresh = await stampHolds(stampFile, settings, all, (operation) =>
    join(built.functions, operation, 'index.mjs'),
  );
  if (isFresh) return operations;

  const startedAt = Date.now();
  const result = await build({
    ...bundleOptions,
    entryPoints: operations.map((operation) => ({ in: `functions/${operation}.ts`, out: `${operation}/index` })),
  });
  await Promise.all(result.outputFiles.map((file) => writeChanged(file.path, file.contents)));
  for (const [path, { inputs }] of Object.entries(result.metafile.outputs)) await copyAssets(dirname(path), inputs);
  if (operations.includes(description.operation)) await describe();
  if (functions) return operations;

  await removeOthers(all);
  await writeChanged(built.meta, JSON.stringify(result.metafile));
  // npm gives every file of a package the same time: the lock file tells that one was changed.
  const inputs = [
    'package-lock.json',
    ...settingsFiles,
    ...Object.values(assets).flat(),
    ...Object.keys(result.metafile.inputs),
  ];
  await writeStamp(stampFile, settings, all, inputs, startedAt);
  return operations;
}

/**
 * Writes a module without its types to `.build`, for threads that would each load a compiler first, and says where it is. It must import
 * nothing of the repository but types.
 */
export async function buildPlainModule(source: string): Promise<string> {
  const { code } = await transform(await readFile(join(root, source), 'utf8'), { loader: 'ts', target: 'node24' });
  const path = join(root, '.build', `${basename(source, '.ts')}.mjs`);
  await writeChanged(path, code);
  return path;
}

/** Builds the console to `.build/web`, when there is one and it changed; says whether there is a console now. */
export async function buildConsole(): Promise<boolean> {
  const config = join(root, 'web/vite.config.ts');
  if (!existsSync(config)) return false;

  const inputs = ['package-lock.json'];
  for await (const file of glob(['web/**/*', 'shared/api/**/*', 'shared/domain/**/*'], {
    cwd: root,
    withFileTypes: true,
  })) {
    if (file.isFile() && !file.name.includes('.test.')) inputs.push(relative(root, join(file.parentPath, file.name)));
  }
  const stampFile = join(root, '.build/web.stamp.json');
  const settings = digest([process.version, ...inputs.sort()]);
  if (await stampHolds(stampFile, settings, ['index.html'], (file) => join(built.console, file))) return true;

  const startedAt = Date.now();
  // A process of its own: in one of the tests React would be the one for development, with its own size and ways.
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await run(process.execPath, [vite, 'build', '--config', config, '--logLevel', 'error'], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'production' },
  });
  await writeStamp(stampFile, settings, ['index.html'], inputs, startedAt);
  return true;
}

const stampSchema = z.object({
  settings: z.string(),
  outputs: z.array(z.string()),
  inputs: z.record(z.string(), z.string()),
});

async function stampHolds(
  file: string,
  settings: string,
  outputs: readonly string[],
  pathOf: (output: string) => string,
): Promise<boolean> {
  if (!existsSync(file)) return false;
  const stamp = stampSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!stamp.success || stamp.data.settings !== settings) return false;
  if (stamp.data.outputs.join() !== outputs.join()) return false;
  if (!outputs.every((output) => existsSync(pathOf(output)))) return false;
  const seen = await Promise.all(
    Object.entries(stamp.data.inputs).map(async ([input, version]) => (await versionOf(input)) === version),
  );
  return seen.every(Boolean);
}

/** What changed while it was read may be in the outputs as it was before: then there is no stamp, and the next build is a real one. */
async function writeStamp(
  file: string,
  settings: string,
  outputs: readonly string[],
  inputs: readonly string[],
  startedAt: number,
): Promise<void> {
  const versions = await Promise.all(inputs.map(async (input) => [input, await versionOf(input, startedAt)] as const));
  if (versions.some(([, version]) => version === undefined)) return rm(file, { force: true });
  await writeChanged(file, JSON.stringify({ settings, outputs, inputs: Object.fromEntries(versions) }));
}

/** Tells one state of a file from another; undefined when it is gone, or was changed after `before`. */
async function versionOf(input: string, before = Number.POSITIVE_INFINITY): Promise<string | undefined> {
  try {
    const { mtimeMs, size } = await stat(join(root, input));
    return mtimeMs > before ? undefined : `${mtimeMs}:${size}`;
  } catch {
    return undefined;
  }
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}

/** Renamed into place: two builds at once, or a function that starts meanwhile, never see half a file. */
async function writeChanged(path: string, contents: Uint8Array | string): Promise<void> {
  const bytes = Buffer.from(contents);
  if (existsSync(path) && bytes.equals(await readFile(path))) return;
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}`;
  await writeFile(partial, bytes);
  await rename(partial, path);
}

async function copyAssets(folder: string, modules: Readonly<Record<string, unknown>>): Promise<void> {
  const files = Object.entries(assets).flatMap(([module, files]) => (module in modules ? files : []));
  for (const file of files) await writeChanged(join(root, folder, basename(file)), await readFile(join(root, file)));
}

async function describe(): Promise<void> {
  const { describeApi } = await import('../shared/api/openapi.ts');
  const text = JSON.stringify(describeApi({ server: '/' }));
  await writeChanged(join(built.functions, description.operation, description.file), text);
}

async function removeOthers(operations: readonly string[]): Promise<void> {
  const wanted = new Set(operations);
  for await (const file of glob('**/index.mjs', { cwd: built.functions })) {
    const operation = dirname(file).replaceAll('\\', '/');
    if (!wanted.has(operation)) await rm(join(built.functions, operation), { recursive: true });
  }
}

async function buildAll(): Promise<void> {
  const operations = await buildFunctions();
  const hasConsole = await buildConsole();
  console.log(`${operations.length} functions in .build/functions${hasConsole ? ', the console in .build/web' : ''}`);
}

if (import.meta.main) await runCommand(buildAll);
