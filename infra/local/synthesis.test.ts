import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildConsole, buildFunctions } from '../build.ts';
import { synthesizeStack } from './synthesis.ts';
import { readAssembly, resourcesOf } from './template.ts';

beforeAll(async () => {
  await buildFunctions();
  await buildConsole();
}, 120_000);

async function environmentOf(folder: string, operation: string) {
  const template = await readAssembly(folder);
  const found = resourcesOf(template, 'AWS::Lambda::Function').find(({ metadata }) => metadata.operation === operation);
  return found?.properties.Environment;
}

describe('synthesizeStack', () => {
  it('makes the stack of the repository for this machine, once', async () => {
    const folder = await synthesizeStack();
    const { mtimeMs } = await stat(join(folder, 'made-of'));
    expect(await environmentOf(folder, 'otp/validate-code')).toMatchObject({ Variables: { STAGE: 'local' } });
    expect(await synthesizeStack()).toBe(folder);
    expect((await stat(join(folder, 'made-of'))).mtimeMs).toBe(mtimeMs);
  }, 120_000);

  it('makes another for other settings, which reach the functions', async () => {
    const folder = await synthesizeStack({ limits: { validate: '77/1m' } });
    expect(folder).not.toBe(await synthesizeStack());
    const { Variables } = Object(await environmentOf(folder, 'otp/validate-code'));
    expect(JSON.parse(Variables.LIMITS)).toEqual({ validate: { max: 77, windowSeconds: 60 } });
  }, 120_000);

  it('says in a sentence which setting will not do', async () => {
    await expect(synthesizeStack({ event_days: 0 })).rejects.toThrow(
      'The stack cannot be synthesised: Setting event_days',
    );
  }, 120_000);
});
