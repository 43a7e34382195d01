import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const bootstrap = fileURLToPath(new URL('./bootstrap.mjs', import.meta.url));
let root: string;

/** A clone with what the bootstrap looks at: npm and java are scripts that say how they were called. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'clone-'));
  for (const folder of ['infra/local', 'bin', 'node_modules/node/bin'])
    mkdirSync(join(root, folder), { recursive: true });
  cpSync(bootstrap, join(root, 'infra/local/bootstrap.mjs'));
  symlinkSync(process.execPath, join(root, 'node_modules/node/bin/node'));
  lock({
    'node_modules/a': { version: '1.0.0', integrity: 'x' },
    'node_modules/b': { version: '1.0.0', optional: true },
  });
  installed({ 'node_modules/a': { version: '1.0.0', integrity: 'x' } });
  script('npm', `echo "npm $*" >> ${join(root, 'said')}`);
  script('java', 'echo \'openjdk version "17.0.15" 2025-04-15\' >&2');
  write('infra/local/start.ts', 'console.log("started", ...process.argv.slice(2)); process.exitCode = 7;');
});
afterEach(() => rmSync(root, { recursive: true }));

function write(file: string, text: string): void {
  writeFileSync(join(root, file), text);
}
function script(name: string, body: string): void {
  writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}
const lock = (packages: object) =>
  write('package-lock.json', JSON.stringify({ packages: { '': { name: 'root' }, ...packages } }));
const installed = (packages: object) => write('node_modules/.package-lock.json', JSON.stringify({ packages }));

function launch(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(root, 'infra/local/bootstrap.mjs'), ...args], {
    env: { PATH: `${join(root, 'bin')}${delimiter}/usr/bin${delimiter}/bin`, ...env },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => {
    out += String(text);
  });
  child.stderr.on('data', (text) => {
    err += String(text);
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }));
  });
  return { child, ended, said: () => out };
}
const run = (args: string[], env?: Record<string, string>) => launch(args, env).ended;
const npmCalls = () => {
  try {
    return readFileSync(join(root, 'said'), 'utf8').trim();
  } catch {
    return '';
  }
};

describe('bootstrap', () => {
  it('runs the script on the packaged Node, with its arguments, and ends as it ends', async () => {
    expect(await run(['start', '--fresh', '--port', '1'])).toEqual({
      code: 7,
      out: 'started --fresh --port 1\n',
      err: '',
    });
    expect(npmCalls()).toBe('');
  });

  it.each([
    ['nothing is installed', () => rmSync(join(root, 'node_modules/.package-lock.json'))],
    ['another version is installed', () => installed({ 'node_modules/a': { version: '0.9.0', integrity: 'x' } })],
    [
      'another package of that version is installed',
      () => installed({ 'node_modules/a': { version: '1.0.0', integrity: 'y' } }),
    ],
    [
      'a package is missing',
      () => lock({ 'node_modules/a': { version: '1.0.0', integrity: 'x' }, 'node_modules/c': { version: '1.0.0' } }),
    ],
  ])('installs when %s', async (_, change) => {
    change();
    expect((await run(['start'])).code).toBe(7);
    expect(npmCalls()).toBe('npm ci');
  });

  it('says in a sentence that the packages cannot be installed', async () => {
    installed({});
    script('npm', 'echo "npm error network" >&2; exit 1');
    expect(await run(['start'])).toMatchObject({
      code: 1,
      err: 'npm error network\nThe packages cannot be installed: npm ci says above why.\n',
    });
  });

  it('says in a sentence that Java is missing or too old', async () => {
    script('java', 'exit 127');
    expect(await run(['start'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('There is no Java here'),
    });
    script('java', 'echo \'openjdk version "11.0.2"\' >&2');
    expect(await run(['start'])).toMatchObject({ code: 1, err: expect.stringContaining('Java 11 is too old') });
    script('java', 'echo \'java version "1.8.0_321"\' >&2');
    expect(await run(['start'])).toMatchObject({ code: 1, err: expect.stringContaining('Java 8 is too old') });
  });

  it('needs no Java beside a DynamoDB that is running, nor for what needs no DynamoDB', async () => {
    script('java', 'exit 127');
    write('infra/routes.ts', 'console.log("routes");');
    expect((await run(['start'], { DYNAMODB_ENDPOINT: 'http://localhost:1' })).code).toBe(7);
    expect(await run(['routes'])).toMatchObject({ code: 0, out: 'routes\n' });
  });

  it('says which commands there are', async () => {
    expect(await run(['stat'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^There is no command stat: there are start, test/),
    });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('hands %s on, and waits for the script to end', async (signal) => {
    write(
      'infra/local/start.ts',
      `process.on('${signal}', () => setTimeout(() => { console.log('ended'); process.exit(0); }, 100)); console.log('up'); setInterval(() => {}, 1000);`,
    );
    const { child, ended, said } = launch(['start']);
    await until(() => said().includes('up'));
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 0, out: 'up\nended\n' });
  });

  it('tells the script when it is killed itself', async () => {
    write(
      'infra/local/start.ts',
      `import { writeFileSync } from 'node:fs'; process.once('disconnect', () => { writeFileSync(${JSON.stringify(join(root, 'noticed'))}, ''); process.exit(); }); console.log('up'); setInterval(() => {}, 1000);`,
    );
    const { child, said } = launch(['start']);
    await until(() => said().includes('up'));
    child.kill('SIGKILL');
    await until(() => {
      try {
        return readFileSync(join(root, 'noticed'), 'utf8') === '';
      } catch {
        return false;
      }
    });
  });
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
