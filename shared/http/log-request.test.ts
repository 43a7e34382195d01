import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { afterEach, expect, test, vi } from 'vitest';
import { log } from '../log.ts';
import { logRequest } from './log-request.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** The lines that a handler around `work` writes for a request, each parsed. */
async function linesOf(requestId: string, work: () => void): Promise<Record<string, unknown>[]> {
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  }
  const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use(logRequest({ operation: 'test/route' }))
    .onError((failed) => {
      failed.response = { statusCode: 500 };
    })
    .handler(async () => {
      work();
      return { statusCode: 200 };
    });
  const event = { requestContext: { requestId }, headers: { 'user-agent': 'a\n{"forged":true}' } };
  await Reflect.apply(handler, undefined, [event, {}]);
  vi.restoreAllMocks();
  return written
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('every line of a request carries the id that its caller was given, and is one line of JSON', async () => {
  const lines = await linesOf('a-request', () => log('warn', 'ACCOUNT_LOCKED', { reason: 'two\nlines' }));
  expect(lines).toEqual([
    expect.objectContaining({ code: 'ACCOUNT_LOCKED', request_id: 'a-request', level: 'WARN', reason: 'two\nlines' }),
    expect.objectContaining({ code: 'REQUEST', request_id: 'a-request', operation: 'test/route', status: 200 }),
  ]);
});

test('every line of a request names its trace', async () => {
  vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1');
  const lines = await linesOf('a-request', () => log('info', 'TOKEN_REFUSED'));
  vi.unstubAllEnvs();
  const traces = lines.map(({ xray_trace_id }) => xray_trace_id);
  expect(traces).toEqual(['1-67891233-abcdef012345678912345678', '1-67891233-abcdef012345678912345678']);
});

test('the next request has its own', async () => {
  await linesOf('a-request', () => undefined);
  const lines = await linesOf('another', () => log('info', 'TOKEN_REFUSED'));
  expect(lines.map(({ request_id }) => request_id)).toEqual(['another', 'another']);
});

test('a request that failed is logged as it was answered', async () => {
  const lines = await linesOf('a-request', () => {
    throw new Error('inside');
  });
  expect(lines).toEqual([expect.objectContaining({ code: 'REQUEST', request_id: 'a-request', status: 500 })]);
});
