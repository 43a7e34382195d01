import { parentPort, workerData } from 'node:worker_threads';
import { InvokeStore, InvokeStoreBase } from '@aws/lambda-invoke-store';
import type { InstanceData, InstanceMessage, Invoke } from './function-messages.ts';

/* The runtime of one instance, in a worker of its own: what Lambda's Node runtime is to a bundle. */

type Handler = (event: unknown, context: object) => unknown;

// Lambda's quota for the answer of a synchronous call.
const payloadBytes = 6_291_556;

const data: InstanceData = workerData;
const say = (message: InstanceMessage) => parentPort?.postMessage(message);

// As in Lambda the store is there before the bundle: its SDK finds the trace id in it.
const store = await InvokeStore.getInstanceAsync(true);
const { REQUEST_ID, X_RAY_TRACE_ID } = InvokeStoreBase.PROTECTED_KEYS;

for (const stream of ['stdout', 'stderr'] as const) {
  // Written by way of the message port, so that a line stands with its request and before the request's answer.
  Object.defineProperty(process[stream], 'write', {
    value: (chunk: Uint8Array | string, ...rest: unknown[]) => {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      say({ type: 'log', requestId: store.getRequestId(), stream, text });
      const done = rest.find((argument) => typeof argument === 'function');
      if (done) queueMicrotask(() => done());
      return true;
    },
  });
}

const handler = await load();

parentPort?.on('message', (invoke: Invoke) => {
  const context = { [REQUEST_ID]: invoke.requestId, [X_RAY_TRACE_ID]: invoke.traceId };
  store.run(context, () => void answer(invoke));
});
say({ type: 'ready' });

async function load(): Promise<Handler> {
  const module = await import(data.bundle);
  if (typeof module.handler !== 'function') throw new Error('the bundle does not export handler');
  return module.handler;
}

async function answer({ id, event, requestId, traceId, deadlineAt }: Invoke): Promise<void> {
  const context = {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: data.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: data.arn,
    logGroupName: `/aws/lambda/${data.name}`,
    logStreamName: 'local',
    memoryLimitInMB: String(data.memoryMb),
    getRemainingTimeInMillis: () => Math.max(0, deadlineAt - Date.now()),
  };
  process.env['_X_AMZN_TRACE_ID'] = traceId;
  const before = process.threadCpuUsage();
  try {
    const payload = JSON.stringify((await handler(JSON.parse(event), context)) ?? null);
    const size = Buffer.byteLength(payload);
    if (size > payloadBytes) throw new RangeError(`the answer has ${size} bytes, Lambda takes ${payloadBytes}`);
    const { user, system } = process.threadCpuUsage(before);
    say({ type: 'result', id, payload, cpuMs: (user + system) / 1000 });
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    console.error(JSON.stringify({ errorType: name, errorMessage: message, stack: stack?.split('\n') }));
    say({ type: 'failure', id, errorType: name, errorMessage: message });
  }
}
