import { describe, expect, it } from 'vitest';
import { readReply } from './http-reply.ts';

const shown = (payload: unknown) => {
  const { status, headers, body } = readReply(JSON.stringify(payload));
  return { status, headers, body: body.toString() };
};

describe('readReply', () => {
  it('sends status, headers in lower case, cookies and body', () => {
    expect(
      shown({
        statusCode: 201,
        headers: { 'Content-Type': 'application/json', 'X-N': 3 },
        cookies: ['a=1', 'b=2'],
        body: '{}',
      }),
    ).toEqual({
      status: 201,
      headers: { 'content-type': 'application/json', 'x-n': '3', 'set-cookie': ['a=1', 'b=2'] },
      body: '{}',
    });
  });

  it('decodes a body in base64', () => {
    expect(readReply(JSON.stringify({ statusCode: 200, body: '/wA=', isBase64Encoded: true })).body).toEqual(
      Buffer.of(255, 0),
    );
  });

  it('takes an answer without a status for the body', () => {
    const headers = { 'content-type': 'application/json' };
    expect(shown({ a: 1 })).toEqual({ status: 200, headers, body: '{"a":1}' });
    expect(shown('text')).toEqual({ status: 200, headers, body: 'text' });
    expect(shown(null)).toEqual({ status: 200, headers, body: 'null' });
  });

  it('names plain text where the function names no type', () => {
    expect(shown({ statusCode: 204 })).toEqual({
      status: 204,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: '',
    });
  });

  it.each([[{ statusCode: 'many' }], [{ statusCode: 99 }], [{ statusCode: 200, body: { a: 1 } }]])(
    'makes an internal error of %j',
    (payload) => {
      expect(shown(payload)).toEqual({
        status: 500,
        headers: { 'content-type': 'application/json' },
        body: '{"message":"Internal Server Error"}',
      });
    },
  );
});
