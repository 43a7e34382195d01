import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startConsoleOrigin } from './console-origin.ts';
import { readSite, type SiteDefinition } from './distribution.ts';
import { type Listening, listen } from './listen.ts';
import { propertyReader, readTemplate } from './template.ts';
import { sampleTemplate } from './testing/sample-stack.ts';

let api: Listening;
let origin: Listening;
let folder: string;
let files: string;
const agent = new Agent();
let site: SiteDefinition;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'console-'));
  files = join(folder, 'web');
  await mkdir(join(files, 'assets'), { recursive: true });
  await writeFile(join(files, 'index.html'), '<title>console</title>');
  await writeFile(join(files, 'assets/app-1.js'), 'export {};');
  await writeFile(join(folder, 'outside.txt'), 'not for anyone');
  // Says what reached it.
  api = await listen(
    createServer(async (asked, response) => {
      let body = '';
      for await (const chunk of asked) body += chunk;
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.setHeader('x-frame-options', 'SAMEORIGIN');
      response.end(JSON.stringify({ method: asked.method, url: asked.url, headers: asked.headers, body }));
    }),
    0,
  );
  const template = readTemplate(sampleTemplate(), 'sample');
  const read = propertyReader(template, {
    tableName: 'otp',
    keyIds: new Map(),
    apiUrl: api.url,
    consoleUrl: 'http://127.0.0.1:3000',
    secretOf: () => 'the-secret',
  });
  const found = readSite(template, read);
  if (found === undefined) throw new Error('no site');
  site = found;
  origin = await startConsoleOrigin({ site, files, port: 0 });
});

afterAll(async () => {
  await origin.stop();
  await api.stop();
  await agent.close();
  await rm(folder, { recursive: true });
});

/** Asks without making the path tidy first, as a browser would. */
async function get(path: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' | 'POST' = 'GET') {
  const answer = await agent.request({ origin: origin.url, path, method, headers });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

describe('files', () => {
  it('are served with their type, how long they may be kept, and the distribution’s headers', async () => {
    const { status, headers, text } = await get('/assets/app-1.js');
    expect([status, text]).toEqual([200, 'export {};']);
    expect(headers).toMatchObject({
      'content-type': 'text/javascript',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-security-policy': "default-src 'none'",
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'permissions-policy': 'camera=(self)',
    });
  });

  it.each(['/', '/dashboard', '/otp/generate/7', '/settings/'])('give the console’s page for %s', async (path) => {
    const { status, headers, text } = await get(path);
    expect([status, text, headers['cache-control']]).toEqual([200, '<title>console</title>', 'no-cache']);
  });

  it('that are not there, or not inside, are refused as S3 refuses', async () => {
    for (const path of [
      '/assets/gone.js',
      '/../outside.txt',
      '/assets/../../outside.txt',
      '/%2e%2e/outside.txt',
      '/..%2foutside.txt',
      '/a%00.js',
    ]) {
      expect((await get(path)).status, path).toBe(403);
    }
  });

  it('are not sent again to who has them', async () => {
    const { headers } = await get('/');
    const again = await get('/', { 'if-none-match': String(headers.etag) });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it('are described without their content', async () => {
    const { status, headers, text } = await get('/', {}, 'HEAD');
    expect([status, headers['content-length'], text]).toEqual([200, '22', '']);
  });

  it('cannot be posted to', async () => {
    expect((await get('/', {}, 'POST')).status).toBe(403);
  });

  it('may have a page for what is refused', async () => {
    const withPage = { ...site, errorPages: [{ status: 403, page: '/index.html', answer: 404 }] };
    const other = await startConsoleOrigin({ site: withPage, files, port: 0 });
    const answer = await fetch(`${other.url}/gone.js`);
    expect([answer.status, await answer.text()]).toEqual([404, '<title>console</title>']);
    await other.stop();
  });
});

describe('the API', () => {
  it('gets the request as CloudFront hands it on', async () => {
    const { status, text } = await get('/api/otp/configs?a=%20b', {
      'x-viewer': '9.9.9.9',
      'x-edge-word': 'guessed',
      authorization: 'Bearer x',
      cookie: 'c=1',
    });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      method: 'GET',
      url: '/otp/configs?a=%20b',
      headers: {
        host: new URL(api.url).host,
        authorization: 'Bearer x',
        cookie: 'c=1',
        'x-viewer': '127.0.0.1',
        'x-edge-word': 'the-secret',
        'x-forwarded-for': '127.0.0.1',
      },
    });
  });

  it('gets the body, and answers with its own headers and cookies', async () => {
    const answer = await fetch(`${origin.url}/api/token`, { method: 'POST', body: '{"a":1}' });
    expect(await answer.json()).toMatchObject({ method: 'POST', url: '/token', body: '{"a":1}' });
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(answer.headers.get('x-frame-options')).toBe('SAMEORIGIN');
  });

  it('that does not answer makes a 502', async () => {
    const [first, ...others] = site.behaviors;
    if (first === undefined) throw new Error('no behavior');
    const dead = {
      ...site,
      behaviors: [{ ...first, origin: { kind: 'server' as const, host: '127.0.0.1:1', headers: {} } }, ...others],
    };
    const other = await startConsoleOrigin({ site: dead, files, port: 0 });
    expect((await fetch(`${other.url}/api/x`)).status).toBe(502);
    await other.stop();
  });
});
