import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Invoked } from './function-instance.ts';
import { FunctionPool, laptopScale } from './function-pool.ts';
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

function poolOf(name: string, scale = laptopScale): FunctionPool {
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
    scale,
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

  it('sees the environment that it is given and nothing of this process’s', async () => {
    expect(payloadOf(await invoke(poolOf('trouble'), 'env'))).toEqual({
      ONLY: 'this',
      AWS_LAMBDA_FUNCTION_NAME: 'trouble',
    });
  });

  it('is told who it is and how much time it has', async () => {
    const { ms, ...rest } = Object(payloadOf(await poolOf('remaining').invoke({}, { requestId: 'r', traceId: 't' })));
    expect(rest).toEqual({ id: 'r', arn: 'arn:remaining' });
    expect(ms).toBeGreaterThan(500);
    expect(ms).toBeLessThanOrEqual(1000);
  });

  it('has the trace of each event where the SDK looks for it, also of events at once', async () => {
    const pool = poolOf('trace', { instances: 1, concurrency: 16, spreadFrom: 16 });
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
  it('are one while there is little to do and more when there is much', async () => {
    const pool = poolOf('threads', { instances: 2, concurrency: 16, spreadFrom: 4 });
    const threads = async (events: number) =>
      new Set((await Promise.all(Array.from({ length: events }, () => invoke(pool)))).map(payloadOf)).size;
    expect(await threads(4)).toBe(1);
    expect(await threads(20)).toBe(2);
  });

  it('take no more events at once than they may; the rest waits', async () => {
    const pool = poolOf('threads', { instances: 1, concurrency: 2, spreadFrom: 2 });
    await invoke(pool);
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 6 }, () => invoke(pool)));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    // Three turns of a tenth of a second.
    expect(performance.now() - startedAt).toBeGreaterThan(290);
  });
});

describe('trouble', () => {
  it('an error of the handler fails its event alone', async () => {
    const pool = poolOf('trouble');
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

  it('an event that takes too long is ended; those beside it may finish', async () => {
    const pool = poolOf('trouble', { instances: 1, concurrency: 16, spreadFrom: 16 });
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
    expect(payloadOf(await invoke(pool))).toEqual({ calls: 1 });
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
