import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { root } from './build.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const run = promisify(execFile);
const cdk = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');

/** Runs this Node with the given arguments at the root; the assembly goes to a folder of its own. */
async function synthesized(args: readonly string[], env: Record<string, string> = {}) {
  const outdir = temporaryFolder();
  const at = args.includes('synth') ? ['--output', outdir] : [];
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('CDK_'));
  const { stdout, stderr } = await run(process.execPath, [...args, ...at], {
    cwd: root,
    env: {
      ...Object.fromEntries(inherited),
      // The command line starts `node` by its name: it is this one.
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
      CDK_OUTDIR: outdir,
      ...env,
    },
  });
  const templates = (await readdir(outdir)).filter((name) => name.endsWith('.template.json'));
  const texts = await Promise.all(templates.map((name) => readFile(join(outdir, name), 'utf8')));
  return { stdout, stderr, templates, texts };
}

describe('node infra/app.ts', () => {
  test('writes one template, says nothing, and is what `cdk synth` makes of the same settings', async () => {
    // That CloudFormation would take the template is asked once: by the second.
    const env = { CDK_CONTEXT_JSON: JSON.stringify({ stage: 'test' }), CDK_VALIDATION: 'false' };
    const direct = await synthesized(['infra/app.ts'], env);
    expect(direct).toMatchObject({ stdout: '', stderr: '', templates: ['otp-service-test.template.json'] });
    const byCommandLine = await synthesized([cdk, 'synth', '--quiet', '-c', 'stage=test']);
    expect(byCommandLine).toMatchObject({ templates: direct.templates, texts: direct.texts });
  }, 120_000);

  test('refuses a setting that will not do with its sentence alone', async () => {
    const env = { CDK_CONTEXT_JSON: JSON.stringify({ stage: 'No!', event_days: 0 }) };
    const refused = synthesized(['infra/app.ts'], env);
    await expect(refused).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Setting stage: is not a stage name[^\n]*\nSetting event_days: [^\n]*\n$/),
    });
  }, 120_000);
});
