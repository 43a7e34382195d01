import { glob, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import * as z from 'zod';
import { buildConsole, buildFunctions, built, root } from './build.ts';
import { runCommand } from './run-command.ts';
import { readSettings } from './settings.ts';
import { OtpStack } from './stack.ts';

/**
 * Builds what is out of date and writes the stack to `.build/cdk.out`, or where `CDK_OUTDIR` says. The settings come from
 * the command line (`cdk … -c name=value`), else from `context` in cdk.json and what is given beside it, so that both ways make
 * the same template.
 */
export async function synthesize(
  env: Record<string, string | undefined>,
  given: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const outdir = env['CDK_OUTDIR'] ?? built.assembly;
  const app = new App({
    outdir,
    analyticsReporting: false,
    ...(env['CDK_CONTEXT_JSON'] === undefined && { context: { ...(await contextOfProject()), ...given } }),
  });
  const settings = readSettings((name) => app.node.tryGetContext(name));
  await buildFunctions();
  await buildConsole();
  await removeFormer(outdir);

  const region = env['CDK_DEFAULT_REGION'];
  new OtpStack(app, {
    settings,
    functionsFolder: built.functions,
    consoleFolder: built.console,
    ...(region !== undefined && { region }),
  });
  app.synth();
}

/** Templates and assets of a former synthesis; not the command line's own locks beside them. */
async function removeFormer(outdir: string): Promise<void> {
  for await (const former of glob('{asset.*,*.template.json,*.assets.json}', { cwd: outdir })) {
    await rm(join(outdir, former), { recursive: true });
  }
}

async function contextOfProject(): Promise<Record<string, unknown>> {
  const project = JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8'));
  return z.object({ context: z.record(z.string(), z.unknown()).default({}) }).parse(project).context;
}

if (import.meta.main) await runCommand(() => synthesize(process.env));
