import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from '../build.ts';
import { listen } from './listen.ts';

/* `npm start` as it stands in the repository: everything is built and synthesised, and runs over a data folder of its own. */

const script = fileURLToPath(new URL('./start.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'start-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const anyPorts = ['--port', '0', '--console-port', '0', '--control-port', '0'];

function start(...flags: string[]) {
  const child = spawn(process.execPath, [script, '--data', folder, ...flags], { cwd: root });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      said += String(text);
    });
  }
  const ended = new Promise<{ code: number | null; said: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, said }));
  });
  /** All that it says until everything is up. */
  const greeting = () =>
    new Promise<string>((resolve, reject) => {
      const look = () => said.includes('Ctrl-C stops it') && resolve(said);
      child.stdout.on('data', look);
      look();
      void ended.then(() => reject(new Error(said)));
    });
  return { child, ended, greeting };
}

/** What stands behind a word of the greeting. */
function shown(greeting: string, word: string): string {
  return new RegExp(`${word} +(\\S+)`).exec(greeting)?.[1] ?? '';
}

let credentials = { username: '', password: '' };

function logIn(api: string): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${api}/token`, { method: 'POST', headers, body: JSON.stringify(credentials) });
}

describe('npm start', () => {
  it('brings the product up, with an administrator at the first start, and ends all of it at Ctrl-C', async () => {
    const { child, ended, greeting } = start(...anyPorts);
    const said = await greeting();
    const api = shown(said, 'API');
    credentials = { username: shown(said, 'Administrator'), password: shown(said, 'Password') };
    expect((await fetch(`${api}/health`)).status).toBe(200);
    expect(await (await fetch(shown(said, 'Console'))).text()).toContain('<!doctype html>');
    expect(await (await logIn(api)).json()).toMatchObject({ token_type: 'bearer', mfa_required: false });

    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
    await expect(fetch(api)).rejects.toThrow();
    expect(javaOf(folder)).toBe('');
  }, 120_000);

  it('keeps data between starts, and stops with a sentence when a part of it is killed', async () => {
    const { ended, greeting } = start(...anyPorts);
    const said = await greeting();
    expect(said).toContain('(not kept)');
    expect((await logIn(shown(said, 'API'))).status).toBe(200);

    process.kill(Number(javaOf(folder)), 'SIGKILL');
    expect(await ended).toMatchObject({ code: 1, said: expect.stringContaining('DynamoDB Local has ended') });
  }, 120_000);

  it('begins again when told to, and takes Java with it when it is killed itself', async () => {
    const { child, ended, greeting } = start(...anyPorts, '--fresh');
    expect(await greeting()).toContain('shown this once');
    child.kill('SIGKILL');
    await ended;
    await expect.poll(() => javaOf(folder), { timeout: 8000 }).toBe('');
  }, 120_000);

  it.each([
    ['a flag that there is not', ['--colour'], 'npm start -- [--fresh]'],
    ['a limit that there is not', [...anyPorts, '--limit', 'nothing=1/1m'], 'nothing'],
    ['a limit that is none', ['--limit', 'validate=often'], '“often” is not a limit'],
  ])(
    'refuses %s in a sentence',
    async (_, flags, sentence) => {
      const { code, said } = await start(...flags).ended;
      expect(code).toBe(1);
      expect(said).toContain(sentence);
      expect(said).not.toMatch(/^ +at /m);
    },
    60_000,
  );

  it('names a port that is taken, before it builds anything', async () => {
    const { port, stop } = await listen(createServer(), 0);
    const { code, said } = await start('--port', String(port), '--console-port', '0', '--control-port', '0').ended;
    expect([code, said.trim()]).toEqual([
      1,
      `Port ${port} is taken by another program: stop it, or choose another port.`,
    ]);
    await stop();
  });
});

/** The process of the DynamoDB that keeps its data in a folder. */
function javaOf(data: string): string {
  try {
    return execFileSync('pgrep', ['-f', `^java .*-dbPath ${data}`], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}
