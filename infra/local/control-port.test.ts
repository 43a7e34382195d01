import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CallLedger } from './call-ledger.ts';
import { Clock } from './clock.ts';
import { startControlPort } from './control-port.ts';
import { Faults } from './faults.ts';
import { GrantLedger } from './grant-ledger.ts';
import { readStatement } from './iam.ts';
import type { Listening } from './listen.ts';
import { LogBuffer } from './log-buffer.ts';

const clock = new Clock();
const logs = new LogBuffer();
const calls = new CallLedger();
const faults = new Faults();
const grants = new GrantLedger();
let isPaused = false;
const poller = {
  pause: () => {
    isPaused = true;
  },
  resume: () => {
    isPaused = false;
  },
  state: () => ({ function: 'stream/count', paused: isPaused, idle_passes: 1, failures: [] }),
  stop: async () => undefined,
};
const statement = readStatement({ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: '*' });
let control: Listening;

beforeAll(async () => {
  control = await startControlPort({
    port: 0,
    about: () => ({ table_name: 'otp' }),
    clock,
    logs,
    calls,
    faults,
    grants,
    statements: new Map([['items/read', [statement]]]),
    functions: { endIdle: async () => 3 },
    pollers: [poller],
  });
});
afterAll(() => control.stop());
beforeEach(() => {
  calls.reset();
  faults.clear();
});

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(control.url + path, { method, body: text, headers });
  const said = await answer.text();
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    text: said,
    body: answer.headers.get('content-type')?.includes('ndjson') ? undefined : JSON.parse(said),
  };
}

describe('GET /', () => {
  it('says where everything is', async () => {
    expect(await ask('GET', '/')).toMatchObject({ status: 200, body: { table_name: 'otp' } });
  });

  it('names what there is to those who ask for something else', async () => {
    const unknown = await ask('GET', '/clocks');
    expect([unknown.status, unknown.body.error]).toEqual([404, expect.stringContaining('POST /clock')]);
    expect(await ask('PUT', '/clock')).toMatchObject({ status: 405, body: { error: '/clock takes GET, POST.' } });
    expect((await ask('GET', '/faults/a/b')).status).toBe(404);
  });

  it('is not for pages of a browser', async () => {
    expect((await ask('GET', '/', undefined, { origin: 'https://evil.example.com' })).status).toBe(403);
  });
});

describe('POST /clock', () => {
  it('moves the clock of all or of one address', async () => {
    await ask('POST', '/clock', { offset_ms: 5000 });
    const moved = await ask('POST', '/clock', { offset_ms: -1000, source_ip: '127.0.0.9' });
    expect(moved.body).toEqual({ offset_ms: 5000, by_source_ip: { '127.0.0.9': -1000 } });
    expect((await ask('GET', '/clock')).body).toEqual(moved.body);
    expect(Math.round((clock.now('127.0.0.1') - Date.now()) / 1000)).toBe(5);
    expect(Math.round((clock.now('127.0.0.9') - Date.now()) / 1000)).toBe(-1);
    await ask('POST', '/clock', { offset_ms: 0 });
    await ask('POST', '/clock', { offset_ms: 0, source_ip: '127.0.0.9' });
    expect(clock.offsets()).toEqual({ offset_ms: 0, by_source_ip: {} });
  });

  it.each([
    [{}],
    [{ offset_ms: '5' }],
    [{ offset_ms: 1.5 }],
    [{ offset_ms: 0, source_ip: 'here' }],
    [{ offset_ms: 0, more: 1 }],
  ])('refuses %j', async (body) => {
    expect((await ask('POST', '/clock', body)).status).toBe(422);
  });

  it('refuses what is not JSON', async () => {
    expect(await ask('POST', '/clock', '{')).toMatchObject({ status: 400, body: { error: 'The body is not JSON.' } });
    expect((await ask('POST', '/clock', 'x'.repeat(70_000))).status).toBe(413);
  });
});

describe('GET /logs', () => {
  it('gives lines as NDJSON, those after a number, of a function, of a request', async () => {
    logs.write({ function: 'a', request_id: 'r1', stream: 'stdout', text: 'one\ntwo\n' });
    logs.write({ function: 'b', request_id: 'r2', stream: 'stderr', text: 'three' });
    const texts = async (query: string) => {
      const { text, type } = await ask('GET', `/logs${query}`);
      expect(type).toBe('application/x-ndjson');
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).text);
    };
    expect(await texts('')).toEqual(['one', 'two', 'three']);
    expect(await texts('?since=1')).toEqual(['two', 'three']);
    expect(await texts('?function=a')).toEqual(['one', 'two']);
    expect(await texts('?request_id=r2')).toEqual(['three']);
    expect((await ask('GET', '/logs?since=x')).status).toBe(422);
  });
});

describe('GET /calls', () => {
  const call = { service: 'dynamodb' as const, operation: 'GetItem', status: 200, readUnits: 1, writeUnits: 0, ms: 2 };

  it('counts per function and per request', async () => {
    calls.begin('r1', 'items/read');
    calls.begin('r2', 'items/read');
    calls.add({ function: 'items/read', requestId: 'r1' }, call);
    calls.add({ function: 'items/read', requestId: 'r1' }, { ...call, service: 'kms', readUnits: 0 });
    calls.add({ function: 'items/read', requestId: undefined }, call);
    const { body } = await ask('GET', '/calls');
    expect(body.functions).toEqual({
      'items/read': { requests: 2, dynamodb: 2, kms: 1, read_units: 2, write_units: 0 },
    });
    expect(body.requests).toMatchObject([
      { request_id: 'r1', dynamodb: 1, kms: 1, read_units: 1 },
      { request_id: 'r2', dynamodb: 0, calls: [] },
    ]);
    expect((await ask('GET', '/calls?request_id=r1')).body).toMatchObject({
      request_id: 'r1',
      calls: [{ operation: 'GetItem' }, { service: 'kms' }],
    });
    expect((await ask('GET', '/calls?limit=1&function=items/read')).body.requests).toMatchObject([
      { request_id: 'r2' },
    ]);
    expect((await ask('GET', '/calls?limit=0')).body.requests).toEqual([]);
    expect((await ask('GET', '/calls?request_id=gone')).status).toBe(404);
  });

  it('forgets when told to', async () => {
    calls.begin('r1', 'items/read');
    await ask('DELETE', '/calls');
    expect((await ask('GET', '/calls')).body).toEqual({ functions: {}, requests: [] });
  });
});

describe('/faults', () => {
  const fault = { service: 'dynamodb', kind: 'error', code: 'ThrottlingException' };

  it('are added, shown and taken away', async () => {
    const { body } = await ask('POST', '/faults', { ...fault, times: 'forever' });
    expect(body).toMatchObject({ ...fault, times: 'forever', hits: 0 });
    await ask('POST', '/faults', fault);
    expect((await ask('GET', '/faults')).body).toHaveLength(2);
    expect((await ask('DELETE', `/faults/${body.id}`)).body).toEqual({ cleared: 1 });
    expect((await ask('DELETE', `/faults/${body.id}`)).status).toBe(404);
    expect((await ask('DELETE', '/faults')).body).toEqual({ cleared: 1 });
  });

  it('are refused when they make no sense', async () => {
    expect((await ask('POST', '/faults', { service: 'dynamodb', kind: 'error' })).body.error).toContain(
      'is needed for the kind error',
    );
  });
});

describe('/stream and /grants', () => {
  it('pause and resume the stream', async () => {
    expect((await ask('POST', '/stream', { paused: true })).body).toMatchObject([{ paused: true }]);
    expect(isPaused).toBe(true);
    expect((await ask('POST', '/stream', { paused: false })).body).toMatchObject([{ paused: false }]);
    expect((await ask('GET', '/stream')).body).toMatchObject([{ function: 'stream/count' }]);
    expect((await ask('POST', '/stream', { paused: 'no' })).status).toBe(422);
  });

  it('show which grants are used and which are not', async () => {
    const grant = { function: 'items/read', action: 'dynamodb:GetItem', partition: '*' };
    expect((await ask('GET', '/grants')).body).toEqual({
      judged: 0,
      unjudged: 0,
      used: [],
      unused: [grant],
    });
    grants.judge();
    grants.add('items/read', { action: 'dynamodb:GetItem', resource: 'x', context: {} }, statement);
    expect((await ask('GET', '/grants')).body).toEqual({ judged: 1, unjudged: 0, used: [grant], unused: [] });
    await ask('DELETE', '/grants');
    expect((await ask('GET', '/grants')).body).toMatchObject({ judged: 0, used: [] });
  });
});

describe('/instances', () => {
  it('are ended, and counted', async () => {
    expect((await ask('DELETE', '/instances')).body).toEqual({ ended: 3 });
  });
});
