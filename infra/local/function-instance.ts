import { Worker } from 'node:worker_threads';
import { buildPlainModule } from '../build.ts';
import type { InstanceData, InstanceMessage, Invoke } from './function-messages.ts';

/** What came of an event: the handler's answer as JSON, or why there is none. */
export type Invoked =
  | {
      readonly ok: true;
      readonly payload: string;
      /** Spent by the instance's thread meanwhile. */
      readonly cpuMs?: number;
    }
  | { readonly ok: false; readonly errorType: string; readonly errorMessage: string };

export interface InstanceOptions {
  readonly data: InstanceData;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly onLog: (requestId: string, stream: 'stdout' | 'stderr' | 'platform', text: string) => void;
  /** It takes no more events. */
  readonly onEnd: () => void;
  /** It can take another event. */
  readonly onFree: () => void;
}

interface Waiting {
  readonly invoke: Omit<Invoke, 'deadlineAt'>;
  readonly settle: (invoked: Invoked) => void;
  timer?: NodeJS.Timeout;
}

const runtime = await buildPlainModule('infra/local/function-runtime.ts');

// Lambda gives a function as long before its first event.
const initTimeoutMs = 10_000;

/** One instance of a function: a worker with the bundle loaded in it, which takes one event at a time. */
export class FunctionInstance {
  readonly #options: InstanceOptions;
  readonly #worker: Worker;
  readonly #initTimer: NodeJS.Timeout;
  #waiting: Waiting | undefined;
  #sent = 0;
  #isReady = false;
  #hasEnded = false;

  constructor(options: InstanceOptions) {
    this.#options = options;
    this.#worker = new Worker(runtime, {
      workerData: options.data,
      // Nothing of this process's own environment: a function that needs a name the template does not give fails here too.
      env: options.environment,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: options.data.memoryMb },
    });
    this.#worker.on('message', (message: InstanceMessage) => this.#hear(message));
    this.#worker.on('error', (error: Error) => this.#fail('Runtime.ExitError', `${error.name}: ${error.message}`));
    this.#worker.on('exit', (code) => this.#fail('Runtime.ExitError', `Runtime exited with code ${code}`));
    this.#initTimer = setTimeout(
      () => this.#fail('Sandbox.Timedout', 'the bundle did not load in time'),
      initTimeoutMs,
    );
  }

  /** Whether it waits for an event. */
  get isIdle(): boolean {
    return this.#waiting === undefined && !this.#hasEnded;
  }

  invoke(event: string, ids: { requestId: string; traceId: string }): Promise<Invoked> {
    return new Promise((settle) => {
      this.#waiting = { invoke: { id: ++this.#sent, event, ...ids }, settle };
      if (this.#isReady) this.#send(this.#waiting);
    });
  }

  /** Ends at once; what it works on is answered with a failure. */
  async stop(): Promise<void> {
    clearTimeout(this.#initTimer);
    this.#hasEnded = true;
    this.#settle({ ok: false, errorType: 'Sandbox.Stopped', errorMessage: 'the function was stopped' });
    await this.#worker.terminate();
  }

  #hear(message: InstanceMessage): void {
    if (this.#hasEnded) return;
    if (message.type === 'ready') {
      clearTimeout(this.#initTimer);
      this.#isReady = true;
      if (this.#waiting !== undefined) this.#send(this.#waiting);
    } else if (message.type === 'log') {
      this.#options.onLog(message.requestId, message.stream, message.text);
    } else if (message.id === this.#waiting?.invoke.id) {
      this.#settle(
        message.type === 'result'
          ? { ok: true, payload: message.payload, cpuMs: message.cpuMs }
          : { ok: false, errorType: message.errorType, errorMessage: message.errorMessage },
      );
      this.#options.onFree();
    }
  }

  // The time of an event begins when the bundle is loaded; an event that takes longer ends its instance. Both as in Lambda.
  #send(waiting: Waiting): void {
    const { timeoutMs } = this.#options;
    const seconds = (timeoutMs / 1000).toFixed(2);
    waiting.timer = setTimeout(
      () => this.#fail('Sandbox.Timedout', `Task timed out after ${seconds} seconds`),
      timeoutMs,
    );
    this.#worker.postMessage({ ...waiting.invoke, deadlineAt: Date.now() + timeoutMs });
  }

  #settle(invoked: Invoked): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    clearTimeout(waiting?.timer);
    waiting?.settle(invoked);
  }

  #fail(errorType: string, errorMessage: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#initTimer);
    if (this.#waiting !== undefined) {
      const text = errorType === 'Sandbox.Timedout' ? errorMessage : `${errorType} ${errorMessage}`;
      this.#options.onLog(this.#waiting.invoke.requestId, 'platform', text);
    }
    this.#settle({ ok: false, errorType, errorMessage });
    this.#options.onEnd();
    void this.#worker.terminate();
  }
}
