import { describe, expect, inject, it } from 'vitest';
import { connect } from '../../infra/local/testing.ts';

const product = connect(inject('generous'));
const client = product.newClient();

describe('A path that is not there', () => {
  it.each([
    '/nothing',
    '/users/me/nothing',
    '/otp',
    '/time/now',
    '/api/time',
    '//time',
    '/time//',
    '/TIME',
    '/.env',
    '/otp/configs/1/2',
  ])('is a 404: %s', async (path) => {
    const { status, headers, body } = await client.get(path);
    expect(status).toBe(404);
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
    expect(headers['allow']).toBeUndefined();
    expect(body).toEqual({
      type: expect.stringMatching(/\/route_not_found$/),
      title: 'Not found',
      status: 404,
      detail: expect.stringContaining('/docs'),
      code: 'route_not_found',
      request_id: headers['x-request-id'],
    });
  });

  it('is a 404 for any method, and repeats nothing of what was sent', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, text } = await client.send(method, '/nothing?canary=x1y2z3', '{"canary":"x1y2z3"}');
      expect(status).toBe(404);
      expect(text).not.toContain('x1y2z3');
    }
    const { requestId } = await client.get('/nothing?canary=x1y2z3');
    expect(JSON.stringify(await product.logs({ request_id: requestId }))).not.toContain('x1y2z3');
  });
});

describe('A path that is there for other methods', () => {
  it.each([
    ['DELETE', '/time', 'GET'],
    ['HEAD', '/time', 'GET'],
    ['OPTIONS', '/token', 'POST'],
    ['GET', '/token', 'POST'],
    ['PUT', '/users', 'GET, POST'],
    ['POST', '/users/me/', 'GET, PATCH'],
    ['PUT', '/otp/configs/7', 'DELETE, GET, PATCH'],
    ['GET', '/api-keys/abcdefghij', 'DELETE'],
    ['TRACE', '/', 'GET'],
    ['POST', '/', 'GET'],
    ['POST', '/.well-known/jwks.json', 'GET'],
  ])('is a 405 to %s %s that says which (SECURITY 26; RFC 9110 §15.5.6)', async (method, path, allow) => {
    const { status, headers, body } = await client.send(method, path);
    expect([status, headers['allow']]).toEqual([405, allow]);
    if (method !== 'HEAD') expect(body).toMatchObject({ code: 'method_not_allowed', status: 405 });
  });

  it('is another path when a point is not a point', async () => {
    expect((await client.post('/xwell-known/jwksxjson')).status).toBe(404);
  });
});

describe('One slash more at the end', () => {
  it.each(['/time', '/health', '/openapi.json', '/users/me', '/otp/configs'])('is the same route: %s', async (path) => {
    const [without, withOne] = [await client.get(path), await client.get(`${path}/`)];
    expect([withOne.status, withOne.body?.code]).toEqual([without.status, without.body?.code]);
    expect(without.status).not.toBe(404);
  });
});

describe('A page of another origin', () => {
  const origin = 'https://elsewhere.example';

  it('is told nothing by default: no answer names an allowed origin (SECURITY 26)', async () => {
    for (const [method, path] of [
      ['GET', '/time'],
      ['GET', '/users/me'],
      ['POST', '/token'],
      ['GET', '/nothing'],
    ] as const) {
      const { headers } = await client.send(method, path, undefined, { headers: { origin } });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  it('gets no leave to ask what a browser must ask about first', async () => {
    const headers = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    for (const path of ['/token', '/auth', '/otp/validate', '/users/me']) {
      const answer = await client.send('OPTIONS', path, undefined, { headers });
      expect(answer.status).toBe(405);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });
});

describe('A problem', () => {
  it('has a type that is a URI, a stable code, the status it is sent with, and the id of its request (RFC 9457)', async () => {
    const answers = [
      await client.get('/users/me'),
      await client.post('/token', '{', { headers: { 'content-type': 'application/json' } }),
      await client.post('/token', {}),
      await client.post('/token', '{}', { headers: { 'content-type': 'text/plain' } }),
      await client.get('/nothing'),
      await client.get('/token'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 400, 422, 415, 404, 405]);
    for (const { status, headers, body } of answers) {
      expect(headers['content-type']).toBe('application/problem+json');
      expect(URL.canParse(body.type)).toBe(true);
      expect(body).toMatchObject({ status, title: expect.any(String), code: expect.stringMatching(/^[a-z_]+$/) });
      expect(body.detail).toMatch(/^\S.*[.…]$/);
      expect(body.request_id).toBe(headers['x-request-id']);
    }
  });

  it('has an id of a request that nobody else chose', async () => {
    const { headers } = await client.get('/nothing', {
      headers: { 'x-request-id': 'mine', 'x-amzn-requestid': 'mine' },
    });
    expect(headers['x-request-id']).not.toBe('mine');
    expect(headers['x-request-id']).toBe(headers['apigw-requestid']);
  });
});
