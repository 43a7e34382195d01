import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listOperations, root } from '../build.ts';
import { isRecord, parseJson } from './json.ts';

const run = promisify(execFile);

/** The name of the stage on a laptop. */
const stage = 'local';

/**
 * The cloud assembly of the stack with the given settings (CDK context), synthesised when it is not there or what it is
 * made of has changed; says in which folder it is. A setting that will not do throws its sentence. It is not the folder
 * of the CDK's command line, which may hold another stage.
 */
export async function synthesizeStack(settings: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const context = JSON.stringify({
    ...(await contextOfProject()),
    stage,
    ...settings,
    // Bundles and console are used where the build puts them: copies would only be older.
    'aws:cdk:disable-asset-staging': true,
  });
  const folder = join(root, '.build/local', hash(context).slice(0, 12));
  const madeOf = hash(context, process.version, ...(await listOperations()), ...(await sources()));
  if (await isMadeOf(folder, madeOf)) return folder;

  // Made beside and renamed, so that nobody reads half a template.
  const partial = `${folder}.${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  try {
    await run(process.execPath, [join(root, 'infra/app.ts')], {
      cwd: root,
      // Whether CloudFormation would take the template is asked by `cdk synth`, a check of its own: four fifths of the time.
      env: { ...process.env, CDK_OUTDIR: partial, CDK_CONTEXT_JSON: context, CDK_VALIDATION: 'false' },
      maxBuffer: 16 * 1024 * 1024,
    });
  } catch (cause) {
    await rm(partial, { recursive: true, force: true });
    throw new Error(`The stack cannot be synthesised: ${reasonOf(cause)}`, { cause });
  }
  await writeFile(stampOf(partial), madeOf);
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder).catch(async (error: unknown) => {
    await rm(partial, { recursive: true, force: true });
    // Another start was faster by a moment, and made the same.
    if (!(await isMadeOf(folder, madeOf))) throw error;
  });
  return folder;
}

function stampOf(folder: string): string {
  return join(folder, 'made-of');
}

async function isMadeOf(folder: string, madeOf: string): Promise<boolean> {
  return existsSync(stampOf(folder)) && (await readFile(stampOf(folder), 'utf8')) === madeOf;
}

async function contextOfProject(): Promise<Record<string, unknown>> {
  const file = join(root, 'cdk.json');
  const project = existsSync(file) ? parseJson(await readFile(file, 'utf8')) : undefined;
  return isRecord(project) && isRecord(project.context) ? project.context : {};
}

async function sources(): Promise<string[]> {
  const files: string[] = ['package-lock.json'];
  for await (const file of glob(['infra/*.ts', 'shared/**/*.ts'], { cwd: root })) {
    if (!file.endsWith('.test.ts')) files.push(file);
  }
  return Promise.all(files.sort().map(async (file) => `${file}\n${await readFile(join(root, file), 'utf8')}`));
}

function hash(...parts: string[]): string {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(`${part.length}:${part}`);
  return digest.digest('hex');
}

function reasonOf(cause: unknown): string {
  const said = isRecord(cause) ? String(cause.stderr ?? '').trim() : '';
  return said || (cause instanceof Error ? cause.message : String(cause));
}
