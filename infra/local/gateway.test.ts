import { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { Clock } from './clock.ts';
import { corsSchema } from './cors.ts';
import type { Invoked } from './function-instance.ts';
import { type GatewayOptions, type HttpApi, startGateway } from './gateway.ts';
import { isRecord } from './json.ts';
import type { Listening } from './listen.ts';

const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

const echo: GatewayOptions['invoke'] = async (operation, event) => ({
  ok: true,
  payload: JSON.stringify({ operation, event }),
});

async function start(
  api: Partial<HttpApi> = {},
  more: Partial<GatewayOptions> = {},
): Promise<Listening & { clock: Clock }> {
  const clock = new Clock();
  const gateway = await startGateway({
    api: {
      id: 'api',
      routes: [
        { key: 'POST /things/{id}', operation: 'things/change-thing' },
        { key: 'GET /things', operation: 'things/list-things' },
      ],
      cors: undefined,
      throttle: undefined,
      routeThrottles: new Map(),
      ...api,
    },
    port: 0,
    clock,
    invoke: echo,
    ...more,
  });
  running.push(gateway);
  return { ...gateway, clock };
}

const answering = (invoked: Invoked): Partial<GatewayOptions> => ({ invoke: async () => invoked });
const reply = (payload: object): Partial<GatewayOptions> => answering({ ok: true, payload: JSON.stringify(payload) });

describe('a request', () => {
  it('reaches the function of its route, as an event', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/things/7?x=1`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      operation: 'things/change-thing',
      event: {
        routeKey: 'POST /things/{id}',
        pathParameters: { id: '7' },
        queryStringParameters: { x: '1' },
        body: '{}',
      },
    });
  });

  it('has an id of its own, which the answer carries', async () => {
    const { url } = await start();
    const answers = await Promise.all([1, 2].map(() => fetch(`${url}/things`)));
    const ids = answers.map(({ headers }) => headers.get('apigw-requestid'));
    const events = await Promise.all(answers.map((answer) => answer.json()));
    expect(new Set(ids).size).toBe(2);
    expect(
      events.map((body) => (isRecord(body) && isRecord(body.event) ? body.event.requestContext : {})),
    ).toMatchObject(ids.map((requestId) => ({ requestId })));
  });

  it('comes from the address of its socket, whatever it claims', async () => {
    const { url } = await start();
    const agent = new Agent({ localAddress: '127.45.6.7' });
    running.push({ stop: () => agent.close() });
    const { body } = await request(`${url}/things`, {
      dispatcher: agent,
      headers: { 'x-forwarded-for': '9.9.9.9', 'x-local-client-address': '8.8.8.8' },
    });
    expect(await body.json()).toMatchObject({ event: { requestContext: { http: { sourceIp: '127.45.6.7' } } } });
  });

  it('comes from the address that a header names only where the gateway was started so', async () => {
    const { url } = await start({}, { clientAddressHeader: 'x-local-client-address' });
    const answer = await fetch(`${url}/things`, { headers: { 'x-local-client-address': '127.1.2.3' } });
    const body = await answer.json();
    expect(body).toMatchObject({ event: { requestContext: { http: { sourceIp: '127.1.2.3' } } } });
    expect(JSON.stringify(body)).not.toContain('x-local-client-address');
  });

  it('happens at the moved time, of all or of one address', async () => {
    const { url, clock } = await start();
    const agent = new Agent({ localAddress: '127.45.6.8' });
    running.push({ stop: () => agent.close() });
    const time = async (headers: Record<string, string> = {}, dispatcher?: Agent) => {
      const { body } = await request(`${url}/things`, { headers, ...(dispatcher && { dispatcher }) });
      const answer = await body.json();
      const event = isRecord(answer) && isRecord(answer.event) ? answer.event : {};
      return Math.round(
        (Number(isRecord(event.requestContext) ? event.requestContext.timeEpoch : 0) - Date.now()) / 1000,
      );
    };
    clock.move(60_000);
    clock.move(-30_000, '127.45.6.8');
    clock.move(10_000, '127.45.6.9');
    expect(await time()).toBe(60);
    expect(await time({}, agent)).toBe(-30);
    expect(await time({ 'x-otp-viewer-address': '127.45.6.9' })).toBe(10);
    clock.move(0);
    clock.move(0, '127.45.6.8');
    expect(Math.abs(await time({}, agent))).toBe(0);
  });

  it('with cookies gets cookies back', async () => {
    const { url } = await start({}, reply({ statusCode: 200, cookies: ['a=1', 'b=2'], body: '' }));
    expect((await fetch(`${url}/things`)).headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('of an unknown path or method is not found, in API Gateway’s words', async () => {
    const { url } = await start();
    for (const answer of [await fetch(`${url}/else`), await fetch(`${url}/things`, { method: 'PUT' })]) {
      expect(answer.status).toBe(404);
      expect(await answer.json()).toEqual({ message: 'Not Found' });
    }
  });

  it('of an unknown path reaches the default route where there is one', async () => {
    const { url } = await start({ routes: [{ key: '$default', operation: 'service/not-found' }] });
    expect(await (await fetch(`${url}/else`)).json()).toMatchObject({
      operation: 'service/not-found',
      event: { routeKey: '$default', rawPath: '/else' },
    });
  });

  it('of more than 10 MB is refused, however it says its length', async () => {
    const { url } = await start();
    const large = Buffer.alloc(10 * 1024 * 1024 + 1, 'x');
    const chunked = Readable.from([large.subarray(0, 9_000_000), large.subarray(9_000_000)]);
    for (const body of [large, chunked]) {
      const { statusCode, body: answer } = await request(`${url}/things/1`, { method: 'POST', body });
      expect(statusCode).toBe(413);
      expect(await answer.json()).toEqual({ message: 'Request Entity Too Large' });
    }
  });

  it('with more than 10,240 bytes of headers is refused', async () => {
    const { url } = await start();
    expect((await fetch(`${url}/things`, { headers: { 'x-long': 'a'.repeat(9_000) } })).status).toBe(200);
    expect((await fetch(`${url}/things`, { headers: { 'x-long': 'a'.repeat(10_300) } })).status).toBe(431);
  });
});

describe('an answer', () => {
  it.each<[name: string, options: Partial<GatewayOptions>]>([
    ['a function that fails', answering({ ok: false, errorType: 'TypeError', errorMessage: 'secret' })],
    ['an answer without form', reply({ statusCode: 'many' })],
  ])('of %s is an internal error that tells nothing', async (_, options) => {
    const { url } = await start({}, options);
    const answer = await fetch(`${url}/things`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).toBe('{"message":"Internal Server Error"}');
  });

  it('of status 204 has no body and no length', async () => {
    const { url } = await start({}, reply({ statusCode: 204, body: 'ignored' }));
    const answer = await fetch(`${url}/things`);
    expect([answer.status, await answer.text(), answer.headers.get('content-length')]).toEqual([204, '', null]);
  });
});

describe('throttles', () => {
  it('answer 429 to what is over the burst, each route for itself', async () => {
    const { url } = await start({
      routes: ['GET /a', 'GET /b'].map((key) => ({ key, operation: key })),
      throttle: { rate: 0.001, burst: 2 },
      routeThrottles: new Map([['GET /b', { rate: 0.001, burst: 1 }]]),
    });
    const statuses = async (path: string) => {
      const answers = [];
      for (let sent = 0; sent < 3; sent++) answers.push((await fetch(url + path)).status);
      return answers;
    };
    expect(await statuses('/a')).toEqual([200, 200, 429]);
    expect(await statuses('/b')).toEqual([200, 429, 429]);
    expect(await (await fetch(`${url}/b`)).json()).toEqual({ message: 'Too Many Requests' });
  });
});

describe('CORS', () => {
  const cors = corsSchema.parse({
    AllowOrigins: ['https://app.example.com'],
    AllowMethods: ['GET', 'POST'],
    AllowHeaders: ['authorization'],
    ExposeHeaders: ['link'],
    MaxAge: 3600,
  });
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST' },
  });
  const corsOf = ({ headers }: Response) =>
    Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control')));

  it('answers a preflight of a listed origin itself', async () => {
    const { url } = await start({ cors }, answering({ ok: false, errorType: 'x', errorMessage: 'never called' }));
    const answer = await fetch(`${url}/things/1`, preflight('https://app.example.com'));
    expect(answer.status).toBe(204);
    expect(corsOf(answer)).toEqual({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization',
      'access-control-max-age': '3600',
    });
  });

  it('tells another origin nothing', async () => {
    const { url } = await start({ cors });
    expect(corsOf(await fetch(`${url}/things/1`, preflight('https://evil.example.com')))).toEqual({});
    expect(corsOf(await fetch(`${url}/things`, { headers: { origin: 'https://evil.example.com' } }))).toEqual({});
  });

  it('puts its own headers in the place of the function’s', async () => {
    const { url } = await start(
      { cors },
      reply({ statusCode: 200, headers: { 'access-control-allow-origin': '*' }, body: '' }),
    );
    expect(corsOf(await fetch(`${url}/things`, { headers: { origin: 'https://app.example.com' } }))).toEqual({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-expose-headers': 'link',
    });
    expect(corsOf(await fetch(`${url}/things`))).toEqual({});
  });

  it('is not there where the template has none: a preflight is a request like any other', async () => {
    const { url } = await start();
    expect((await fetch(`${url}/things`, preflight('https://app.example.com'))).status).toBe(404);
  });
});

describe('listening', () => {
  it('says in a sentence that the port is taken', async () => {
    const { port } = await start();
    await expect(start({}, { port })).rejects.toThrow(
      `Port ${port} is taken by another program: stop it, or choose another port.`,
    );
  });
});
