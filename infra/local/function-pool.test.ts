import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Invoked } from './function-instance.ts';
import { FunctionPool } from './function-pool.ts';
import { sampleCode, writeBundles } from './testing/sample-stack.ts';

const trouble = sampleCode('trouble/make-trouble');
let bundles: Awaited<ReturnType<typeof writeBundles>>;
let pools: FunctionPool[] = [];
let lines: { requestId: string; stream: string; text: string }[] = [];

beforeAll(async () => {
  bundles = await writeBundles({
    trouble,
    broken: 'this is no JavaScript',
    empty: 'export const nothing = 1;',
    threads:
      "import { threadId } from 'node:worker_threads'; export const handler = async () => { await new Promise((r) => setTimeout(r, 100)); return threadId; };",
    trace: `
      const key = Symbol.for('_AWS_LAMBDA_X_RAY_TRACE_ID');
      export const handler = async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return globalThis.awslambda.InvokeStore.get(key);
      };`,
    remaining:
      'export const handler = (event, context) => ({ ms: context.getRemainingTimeInMillis(), id: context.awsRequestId, arn: context.invokedFunctionArn });',
  });
});

afterAll(() => bundles.remove());
afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.stop()));
  pools = [];
  lines = [];
});

function poolOf(name: string, instances = 8): FunctionPool {
  const pool = new FunctionPool(
    {
      data: {
        bundle: pathToFileURL(join(bundles.folder, name, 'index.mjs')).href,
        name,
        arn: `arn:${name}`,
        memoryMb: 128,
      },
      environment: { ONLY: 'this', AWS_LAMBDA_FUNCTION_NAME: name },
      timeoutMs: 1000,
      onLog: (requestId, stream, text) => lines.push({ requestId, stream, text }),
    },
    instances,
  );
  pools.push(pool);
  return pool;
}

let sent = 0;
function invoke(pool: FunctionPool, how?: string): Promise<Invoked> {
  const id = `request-${++sent}`;
  return pool.invoke({ queryStringParameters: { how } }, { requestId: id, traceId: `Root=${id}` });
}
const payloadOf = (invoked: Invoked): unknown => (invoked.ok ? JSON.parse(invoked.payload) : invoked);

describe('a function', () => {
  it('keeps what it holds from one event to the next', async () => {
    const pool = poolOf('trouble');
    expect(payloadOf(await invoke(pool))).toEqual({ calls: 1 });
    expect(payloadOf(await invoke(pool))).toEqual({ calls: 2 });
  });

  it('sees the environment that it is given, its trace, and nothing of this process’s', async () => {
    expect(payloadOf(await invoke(poolOf('trouble'), 'env'))).toEqual({
      ONLY: 'this',
      AWS_LAMBDA_FUNCTION_NAME: 'trouble',
      _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=/),
    });
  });

  it('is told who it is and how much time it has', async () => {
    const { ms, ...rest } = Object(payloadOf(await poolOf('remaining').invoke({}, { requestId: 'r', traceId: 't' })));
    expect(rest).toEqual({ id: 'r', arn: 'arn:remaining' });
    expect(ms).toBeGreaterThan(500);
    expect(ms).toBeLessThanOrEqual(1000);
  });

  it('has the trace of each event where the SDK looks for it', async () => {
    const pool = poolOf('trace');
    const traces = Array.from({ length: 10 }, (_, at) => `Root=${at}`);
    const found = await Promise.all(traces.map((traceId) => pool.invoke({}, { requestId: 'r', traceId })));
    expect(found.map(payloadOf)).toEqual(traces);
  });

  it('is heard line by line, with the request that it speaks of', async () => {
    const pool = poolOf('trouble');
    await invoke(pool, 'log');
    expect(lines).toEqual([
      { requestId: `request-${sent}`, stream: 'stdout', text: 'one\ntwo\n' },
      { requestId: `request-${sent}`, stream: 'stderr', text: 'three\n' },
    ]);
  });
});

describe('instances', () => {
  it('are as many as there are events at once, each in a thread of its own', async () => {
    const pool = poolOf('threads', 3);
    const threads = async (events: number) =>
      new Set((await Promise.all(Array.from({ length: events }, () => invoke(pool)))).map(payloadOf)).size;
    expect(await threads(1)).toBe(1);
    expect(await threads(2)).toBe(2);
    expect(await threads(9)).toBe(3);
  });

  it('take one event at a time; the rest waits', async () => {
    const pool = poolOf('threads', 1);
    await invoke(pool);
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 3 }, () => invoke(pool)));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    // Three turns of a tenth of a second.
    expect(performance.now() - startedAt).toBeGreaterThan(290);
  });
});

describe('endIdle', () => {
  it('ends those that wait for an event and none that is at work', async () => {
    const pool = poolOf('threads', 2);
    const [first] = (await Promise.all([invoke(pool), invoke(pool)])).map(payloadOf);
    const atWork = invoke(pool);
    expect(await pool.endIdle()).toBe(1);
    expect(payloadOf(await atWork)).toBe(first);
    expect(await pool.endIdle()).toBe(1);
    expect(payloadOf(await invoke(pool))).not.toBe(first);
  });
});

describe('trouble', () => {
  it('an error of the handler fails its event alone', async () => {
    const pool = poolOf('trouble', 1);
    const [slow, thrown] = await Promise.all([invoke(pool, 'slow'), invoke(pool, 'throw')]);
    expect(thrown).toEqual({ ok: false, errorType: 'TypeError', errorMessage: 'thrown on purpose' });
    expect(slow.ok).toBe(true);
    expect(lines.map(({ text }) => text).join()).toContain('thrown on purpose');
    expect(payloadOf(await invoke(pool))).toEqual({ calls: 3 });
  });

  it.each([['exit'], ['reject']])(
    'a process that ends (%s) fails its event, and the next has a fresh one',
    async (how) => {
      const pool = poolOf('trouble');
      await invoke(pool);
      expect(await invoke(pool, how)).toMatchObject({ ok: false, errorType: 'Runtime.ExitError' });
      expect(payloadOf(await invoke(pool))).toEqual({ calls: 1 });
    },
  );

  it('an event that takes too long ends its instance; those in others go on', async () => {
    const pool = poolOf('trouble', 2);
    await invoke(pool);
    const hanging = invoke(pool, 'hang');
    await new Promise((resolve) => setTimeout(resolve, 850));
    const slow = invoke(pool, 'slow');
    expect(await hanging).toEqual({
      ok: false,
      errorType: 'Sandbox.Timedout',
      errorMessage: 'Task timed out after 1.00 seconds',
    });
    expect((await slow).ok).toBe(true);
    expect(payloadOf(await invoke(pool))).toEqual({ calls: 2 });
    expect(lines.at(-1)).toMatchObject({ stream: 'platform', text: 'Task timed out after 1.00 seconds' });
  });

  it.each([['broken'], ['empty'], ['missing']])('a bundle that is %s fails the event', async (name) => {
    expect(await invoke(poolOf(name))).toMatchObject({ ok: false, errorType: 'Runtime.ExitError' });
  });

  it('an answer that Lambda would not take fails the event', async () => {
    expect(await invoke(poolOf('trouble'), 'large')).toMatchObject({ ok: false, errorType: 'RangeError' });
  });

  it('events that are under way when the product stops are answered', async () => {
    const pool = poolOf('trouble');
    const hanging = invoke(pool, 'hang');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await pool.stop();
    expect(await hanging).toMatchObject({ ok: false, errorType: 'Sandbox.Stopped' });
  });
});
