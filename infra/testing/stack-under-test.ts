import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { root } from '../build.ts';
import { needs } from '../needs.ts';
import { readSettings } from '../settings.ts';
import { OtpStack } from '../stack.ts';
import { temporaryFolder } from './temporary-folder.ts';

const { context: projectContext } = z
  .object({ context: z.record(z.string(), z.unknown()) })
  .parse(JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')));

/** A stack with the given settings, over bundles and a console that are only there to be named. */
export function makeStack(
  context: Record<string, unknown> = {},
  { region, validates = false }: { region?: string; validates?: boolean } = {},
): { app: App; stack: OtpStack } {
  const folder = temporaryFolder();
  for (const operation of Object.keys(needs)) write(join(folder, 'functions', operation), 'index.mjs', operation);
  write(join(folder, 'web'), 'index.html', '<!doctype html>');
  write(join(folder, 'web/assets'), 'index-0a1b2c.js', '');
  const app = new App({
    outdir: join(folder, 'cdk.out'),
    analyticsReporting: false,
    // Half of a synthesis is this validation.
    builtinCloudFormationValidation: validates,
    context: projectContext,
  });
  const stack = new OtpStack(app, {
    settings: readSettings((name) => context[name]),
    functionsFolder: join(folder, 'functions'),
    consoleFolder: join(folder, 'web'),
    ...(region !== undefined && { region }),
  });
  return { app, stack };
}

/** The template of a stack with the given settings. */
export function makeTemplate(context: Record<string, unknown> = {}): Template {
  return Template.fromStack(makeStack(context).stack);
}

function write(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
}
