import { describe, expect, it } from 'vitest';
import { type GatewayRequest, httpEvent } from './http-event.ts';

const match = { route: { key: 'POST /things/{id}', operation: 'things/change-thing' }, pathParameters: { id: 'a b' } };

function eventOf(request: Partial<GatewayRequest>, pathParameters: Record<string, string> = match.pathParameters) {
  return httpEvent(
    {
      method: 'POST',
      target: '/things/a%20b',
      headers: { host: 'localhost:8000', 'user-agent': 'test' },
      body: Buffer.alloc(0),
      sourceIp: '127.0.0.9',
      requestId: 'request-1',
      traceId: 'Root=1-a',
      now: Date.UTC(2026, 2, 12, 19, 3, 58, 123),
      apiId: 'api',
      port: 8000,
      ...request,
    },
    { ...match, pathParameters },
  );
}

describe('httpEvent', () => {
  it('has the form of payload 2.0', () => {
    const body = Buffer.from('{"a":1}');
    const headers = { host: 'localhost:8000', 'user-agent': 'test', 'content-type': 'application/json' };
    expect(eventOf({ target: '/things/a%20b?x=1&y=%20', headers, body })).toEqual({
      version: '2.0',
      routeKey: 'POST /things/{id}',
      rawPath: '/things/a b',
      rawQueryString: 'x=1&y=%20',
      headers: {
        host: 'localhost:8000',
        'user-agent': 'test',
        'content-type': 'application/json',
        'content-length': '7',
        'x-amzn-trace-id': 'Root=1-a',
        'x-forwarded-for': '127.0.0.9',
        'x-forwarded-port': '8000',
        'x-forwarded-proto': 'http',
      },
      queryStringParameters: { x: '1', y: ' ' },
      pathParameters: { id: 'a b' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'api',
        domainName: 'localhost:8000',
        domainPrefix: 'localhost:8000',
        http: { method: 'POST', path: '/things/a b', protocol: 'HTTP/1.1', sourceIp: '127.0.0.9', userAgent: 'test' },
        requestId: 'request-1',
        routeKey: 'POST /things/{id}',
        stage: '$default',
        time: '12/Mar/2026:19:03:58 +0000',
        timeEpoch: Date.UTC(2026, 2, 12, 19, 3, 58, 123),
      },
      body: '{"a":1}',
      isBase64Encoded: false,
    });
  });

  it('leaves out what the request does not have', () => {
    const event = eventOf({}, {});
    for (const field of ['body', 'cookies', 'queryStringParameters', 'pathParameters'])
      expect(event).not.toHaveProperty(field);
  });

  it('joins values of a repeated parameter by commas', () => {
    expect(eventOf({ target: '/things?a=1&a=2&b=x%2Cy&c' }).queryStringParameters).toEqual({
      a: '1,2',
      b: 'x,y',
      c: '',
    });
  });

  it('splits cookies into a list of their own', () => {
    const event = eventOf({ headers: { cookie: 'a=1; b="x y";  c=3' } });
    expect(event.cookies).toEqual(['a=1', 'b="x y"', 'c=3']);
    expect(event.headers).not.toHaveProperty('cookie');
  });

  it.each([
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['Application/JSON', false],
    ['text/plain', false],
    ['application/xml', false],
    ['application/javascript', false],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    ['application/jsonlines', true],
    ['application/problem+json', true],
    [undefined, true],
  ])('a body of type %s is in base64: %s', (type, isBase64Encoded) => {
    const event = eventOf({ headers: { ...(type && { 'content-type': type }) }, body: Buffer.from('a=ü') });
    expect(event.isBase64Encoded).toBe(isBase64Encoded);
    expect(event.body).toBe(isBase64Encoded ? Buffer.from('a=ü').toString('base64') : 'a=ü');
  });

  it('puts the address that it saw behind what the client claims, and overwrites what is its own to say', () => {
    const headers = {
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
      'x-amzn-trace-id': 'Root=mine',
      connection: 'keep-alive, x-secret',
      'transfer-encoding': 'chunked',
    };
    const event = eventOf({ headers });
    expect(event.requestContext.http.sourceIp).toBe('127.0.0.9');
    expect(event.headers).toEqual({
      'content-length': '0',
      'x-amzn-trace-id': 'Root=1-a',
      'x-forwarded-for': '1.2.3.4, 127.0.0.9',
      'x-forwarded-port': '8000',
      'x-forwarded-proto': 'http',
    });
  });
});
