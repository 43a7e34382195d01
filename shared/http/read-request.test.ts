import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { validateCode } from '../api/otp-codes.ts';
import { listConfigs, readConfig, revealConfig } from '../api/otp-configs.ts';
import { ProblemError } from '../api/problems.ts';
import { createToken } from '../api/token.ts';
import { edgeHeaders } from '../config.ts';
import { readClient, readIdempotencyKey, readInput } from './read-request.ts';

const edgeKey = 'the key of the edge';

function event(overrides: Partial<APIGatewayProxyEventV2> = {}): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: 'POST /otp/validate',
    rawPath: '/otp/validate',
    rawQueryString: '',
    headers: { 'content-type': 'application/json' },
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      domainName: 'localhost',
      domainPrefix: 'localhost',
      http: { method: 'POST', path: '/otp/validate', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'tests' },
      requestId: 'a request',
      routeKey: 'POST /otp/validate',
      stage: '$default',
      time: '01/Jan/2026:00:00:00 +0000',
      timeEpoch: 1_767_225_600_000,
    },
    isBase64Encoded: false,
    ...overrides,
  };
}

function problemOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (error instanceof ProblemError) return { code: error.code, paths: error.extras.errors?.map(({ path }) => path) };
    throw error;
  }
  return undefined;
}

describe('readClient', () => {
  it('takes the address of the socket, whatever headers claim (SECURITY 15)', () => {
    const headers = { 'x-forwarded-for': '203.0.113.9', [edgeHeaders.viewerAddress]: '203.0.113.9' };
    expect(readClient(event({ headers }), edgeKey).ip).toBe('192.0.2.1');
    const guessed = { ...headers, [edgeHeaders.key]: 'a guess' };
    expect(readClient(event({ headers: guessed }), edgeKey)).toMatchObject({ ip: '192.0.2.1', isByConsole: false });
  });

  it.each(['203.0.113.9', '2001:db8::1'])('takes the viewer %s that our own edge vouches for', (ip) => {
    const headers = { [edgeHeaders.viewerAddress]: ip, [edgeHeaders.key]: edgeKey };
    expect(readClient(event({ headers }), edgeKey)).toMatchObject({ ip, isByConsole: true });
  });
});

describe('readInput', () => {
  it('reads a JSON body by its contract', () => {
    const body = '{"config_id":1,"otp_code":"081804"}';
    expect(readInput(event({ body }), validateCode).body).toEqual({ config_id: 1, otp_code: '081804' });
  });

  it('reads bytes that the gateway encoded', () => {
    const body = Buffer.from('{"config_id":1,"otp_code":"081804"}').toString('base64');
    expect(readInput(event({ body, isBase64Encoded: true }), validateCode).body.otp_code).toBe('081804');
  });

  it.each([
    ['a number for a code (SECURITY 3)', '{"config_id":1,"otp_code":81804}', 'otp_code'],
    ['full-width digits', '{"config_id":1,"otp_code":"０００１５２"}', 'otp_code'],
    ['a code with a space', '{"config_id":1,"otp_code":" 000152"}', 'otp_code'],
    ['a missing field', '{"otp_code":"081804"}', 'config_id'],
    ['an unknown field', '{"config_id":1,"otp_code":"081804","window":9}', 'window'],
    ['a list', '[]', 'body'],
    ['a huge number', '{"config_id":1e309,"otp_code":"081804"}', 'config_id'],
  ])('names the field at fault for %s', (_, body, path) => {
    expect(problemOf(() => readInput(event({ body }), validateCode))).toEqual({
      code: 'invalid_request',
      paths: [path],
    });
  });

  it.each([
    ['no content type', { headers: {}, body: '{}' }, 'not_json'],
    ['another content type', { headers: { 'content-type': 'text/plain' }, body: '{}' }, 'not_json'],
    ['no JSON', { body: '{' }, 'malformed_json'],
    ['65 KiB', { body: JSON.stringify('x'.repeat(65 * 1024)) }, 'body_too_large'],
  ])('refuses a body with %s', (_, overrides, code) => {
    expect(problemOf(() => readInput(event(overrides), validateCode))?.code).toBe(code);
  });

  it('takes a form where the contract does, and there alone', () => {
    const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    const body = 'grant_type=password&username=ada&password=a%2Bb&scope=';
    expect(readInput(event({ ...form, body }), createToken).body).toMatchObject({ username: 'ada', password: 'a+b' });
    expect(problemOf(() => readInput(event({ ...form, body }), validateCode))?.code).toBe('not_json');
    expect(problemOf(() => readInput(event({ ...form, body: 'username=a&username=b' }), createToken))?.code).toBe(
      'invalid_request',
    );
  });

  it('reads numbers and truth values of paths and queries', () => {
    const query = { queryStringParameters: { limit: '5', is_active: 'false' } };
    expect(readInput(event(query), listConfigs).query).toMatchObject({ limit: 5, is_active: false });
    expect(readInput(event({ pathParameters: { config_id: '12' } }), readConfig).params).toEqual({ config_id: 12 });
  });

  it.each(['0', '01', '-1', '1.5', '1e3', 'x', '9999999999', '1#2'])('refuses %s as the id in a path', (config_id) => {
    const problem = problemOf(() => readInput(event({ pathParameters: { config_id } }), readConfig));
    expect(problem).toEqual({ code: 'invalid_request', paths: ['params.config_id'] });
  });
});

describe('what is wrong with a request', () => {
  it('is said in words', () => {
    const read = () => readInput(event({ body: '{"config_id":"x"}' }), validateCode);
    expect(read).toThrow(
      expect.objectContaining({
        extras: {
          errors: [
            { path: 'config_id', message: 'Invalid input: expected number, received string' },
            { path: 'otp_code', message: 'Invalid input: expected string, received undefined' },
          ],
        },
      }),
    );
  });
});

describe('readInput of a route that takes no body', () => {
  it('takes none, and an object without fields', () => {
    const params = { pathParameters: { config_id: '1' } };
    for (const body of [undefined, '', '{}'])
      expect(readInput(event({ ...params, ...(body !== undefined && { body }) }), revealConfig).body).toBeUndefined();
  });

  it.each([
    ['a field', { body: '{"is_admin":true}' }, 'invalid_request'],
    ['another content type', { body: '{}', headers: { 'content-type': 'text/plain' } }, 'not_json'],
    ['65 KiB', { body: JSON.stringify('x'.repeat(65 * 1024)) }, 'body_too_large'],
  ])('refuses %s (SECURITY 24)', (_, overrides, code) => {
    const sent = event({ pathParameters: { config_id: '1' }, ...overrides });
    expect(problemOf(() => readInput(sent, revealConfig))?.code).toBe(code);
  });

  it('ignores what a GET carries', () => {
    expect(readInput(event({ pathParameters: { config_id: '1' }, body: 'x' }), readConfig).body).toBeUndefined();
  });
});

describe('readIdempotencyKey', () => {
  it('takes visible ASCII where the route honours the header', () => {
    const headers = { 'idempotency-key': 'retry-1' };
    expect(readIdempotencyKey(event({ headers }), validateCode)).toBe('retry-1');
    expect(readIdempotencyKey(event({ headers }), createToken)).toBeUndefined();
  });

  it.each(['', 'a b', 'é', 'x'.repeat(129)])('refuses %j', (key) => {
    expect(problemOf(() => readIdempotencyKey(event({ headers: { 'idempotency-key': key } }), validateCode))).toEqual({
      code: 'invalid_request',
      paths: ['headers.Idempotency-Key'],
    });
  });
});
