import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Errand } from './aws-edge.ts';
import type { CallLedger } from './call-ledger.ts';
import type { Invoked } from './function-instance.ts';
import { FunctionPool, laptopInstances } from './function-pool.ts';
import type { StackFunction } from './local-stack.ts';
import type { LogBuffer } from './log-buffer.ts';
import { local } from './template.ts';
import { newTraceId, traceRoot } from './trace.ts';

export interface FunctionsOptions {
  readonly functions: readonly StackFunction[];
  /** Folder of the bundles. */
  readonly bundles: string;
  /** Where functions find DynamoDB and KMS. */
  readonly awsUrl: () => string;
  readonly accessKeyOf: (operation: string) => string;
  readonly logs: LogBuffer;
  readonly calls: CallLedger;
}

const rememberedErrands = 20_000;

/** All functions of the stack, each with instances of its own. */
export class Functions {
  readonly #options: FunctionsOptions;
  readonly #byOperation: ReadonlyMap<string, StackFunction>;
  readonly #pools = new Map<string, FunctionPool>();
  readonly #errands = new Map<string, Errand>();

  constructor(options: FunctionsOptions) {
    this.#options = options;
    this.#byOperation = new Map(options.functions.map((fn) => [fn.operation, fn]));
  }

  /** Calls a function for a request, whose calls to AWS are counted from now on. */
  async invoke(
    operation: string,
    event: unknown,
    ids: { requestId?: string; traceId?: string; sourceIp?: string } = {},
  ): Promise<Invoked> {
    const { requestId = crypto.randomUUID(), traceId = newTraceId() } = ids;
    this.#remember(traceRoot(traceId) ?? traceId, { requestId, sourceIp: ids.sourceIp });
    this.#options.calls.begin(requestId, operation);
    const startedAt = performance.now();
    const invoked = await this.#pool(operation).invoke(event, { requestId, traceId });
    this.#options.calls.end(requestId, performance.now() - startedAt, invoked.ok ? invoked.cpuMs : undefined);
    return invoked;
  }

  /** The request in whose course a call with this trace is made. */
  errandOf(root: string): Errand | undefined {
    return this.#errands.get(root);
  }

  /** Ends all instances that wait for an event; says how many. */
  async endIdle(): Promise<number> {
    const ended = await Promise.all([...this.#pools.values()].map((pool) => pool.endIdle()));
    return ended.reduce((sum, count) => sum + count, 0);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.stop()));
    this.#pools.clear();
  }

  // Kept for a while after the answer: a call that was given up may still come through.
  #remember(root: string, errand: Errand): void {
    this.#errands.set(root, errand);
    if (this.#errands.size <= rememberedErrands) return;
    const [oldest] = this.#errands.keys();
    if (oldest !== undefined) this.#errands.delete(oldest);
  }

  #pool(operation: string): FunctionPool {
    const known = this.#pools.get(operation);
    if (known !== undefined) return known;
    const fn = this.#byOperation.get(operation);
    if (fn === undefined) throw new Error(`The template has no function ${operation}.`);
    const { bundles, logs } = this.#options;
    const bundle = pathToFileURL(join(bundles, operation, 'index.mjs')).href;
    const pool = new FunctionPool(
      {
        data: { bundle, name: fn.name, arn: fn.arn, memoryMb: fn.memoryMb },
        environment: this.#environmentOf(fn),
        timeoutMs: fn.timeoutSeconds * 1000,
        onLog: (request_id, stream, text) => logs.write({ function: operation, request_id, stream, text }),
      },
      laptopInstances,
    );
    this.#pools.set(operation, pool);
    return pool;
  }

  /** The template's names, and those that Lambda itself sets (Lambda developer guide, “Defined runtime environment variables”). */
  #environmentOf(fn: StackFunction): Record<string, string> {
    const { accessKeyOf, awsUrl } = this.#options;
    const url = awsUrl();
    return {
      ...fn.environment,
      AWS_REGION: local.region,
      AWS_DEFAULT_REGION: local.region,
      AWS_LAMBDA_FUNCTION_NAME: fn.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: 'local',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      _HANDLER: 'index.handler',
      TZ: ':UTC',
      AWS_ACCESS_KEY_ID: accessKeyOf(fn.operation),
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SESSION_TOKEN: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: url,
      AWS_ENDPOINT_URL_KMS: url,
    };
  }
}
