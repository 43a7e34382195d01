import { Worker } from 'node:worker_threads';
import type { InstanceData, InstanceMessage, Invoke } from './function-messages.ts';

/** What came of an event: the handler's answer as JSON, or why there is none. */
export type Invoked =
  | {
      readonly ok: true;
      readonly payload: string;
      /** Spent by the instance's thread meanwhile: of this event alone when no other was there. */
      readonly cpuMs?: number;
    }
  | { readonly ok: false; readonly errorType: string; readonly errorMessage: string };

export interface InstanceOptions {
  readonly data: InstanceData;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly onLog: (requestId: string, stream: 'stdout' | 'stderr' | 'platform', text: string) => void;
  /** It takes no more events and holds none. */
  readonly onEnd: () => void;
  /** It can take another event. */
  readonly onFree: () => void;
}

interface Waiting {
  readonly requestId: string;
  readonly settle: (invoked: Invoked) => void;
  timer?: NodeJS.Timeout;
}

// Lambda gives a function as long before its first event.
const initTimeoutMs = 10_000;

/** One instance of a function: a worker with the bundle loaded in it. */
export class FunctionInstance {
  readonly #options: InstanceOptions;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #unsent: Invoke[] = [];
  readonly #initTimer: NodeJS.Timeout;
  #sent = 0;
  #isReady = false;
  #isRetired = false;
  #hasEnded = false;

  constructor(options: InstanceOptions) {
    this.#options = options;
    this.#worker = new Worker(new URL('./function-runtime.ts', import.meta.url), {
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

  /** Events that it works on. */
  get load(): number {
    return this.#waiting.size;
  }

  /** Whether it takes events; one that crashed or ran out of time takes none. */
  get isOpen(): boolean {
    return !this.#isRetired;
  }

  invoke(event: string, { requestId, traceId }: { requestId: string; traceId: string }): Promise<Invoked> {
    const id = ++this.#sent;
    return new Promise((settle) => {
      this.#waiting.set(id, { requestId, settle });
      const invoke = { id, event, requestId, traceId, deadlineAt: 0 };
      if (this.#isReady) this.#send(invoke);
      else this.#unsent.push(invoke);
    });
  }

  /** Ends at once; what it works on is answered with a failure. */
  async stop(): Promise<void> {
    clearTimeout(this.#initTimer);
    this.#isRetired = true;
    this.#hasEnded = true;
    for (const { timer, settle } of this.#waiting.values()) {
      clearTimeout(timer);
      settle({ ok: false, errorType: 'Sandbox.Stopped', errorMessage: 'the function was stopped' });
    }
    this.#waiting.clear();
    await this.#worker.terminate();
  }

  #hear(message: InstanceMessage): void {
    if (message.type === 'ready') {
      clearTimeout(this.#initTimer);
      this.#isReady = true;
      for (const invoke of this.#unsent.splice(0)) this.#send(invoke);
    } else if (message.type === 'log') {
      this.#options.onLog(message.requestId, message.stream, message.text);
    } else if (message.type === 'result') {
      this.#settle(message.id, { ok: true, payload: message.payload, cpuMs: message.cpuMs });
    } else {
      const { id, errorType, errorMessage } = message;
      this.#settle(id, { ok: false, errorType, errorMessage });
    }
  }

  // The time of an event begins when the bundle is loaded, as in Lambda.
  #send(invoke: Invoke): void {
    const { timeoutMs } = this.#options;
    const waiting = this.#waiting.get(invoke.id);
    if (waiting === undefined) return;
    waiting.timer = setTimeout(() => this.#runOutOfTime(invoke.id), timeoutMs);
    this.#worker.postMessage({ ...invoke, deadlineAt: Date.now() + timeoutMs });
  }

  // Lambda ends the instance. Others that are still at work in this one would not have been in it there: they may finish.
  #runOutOfTime(id: number): void {
    this.#isRetired = true;
    const seconds = (this.#options.timeoutMs / 1000).toFixed(2);
    const waiting = this.#waiting.get(id);
    this.#options.onLog(waiting?.requestId ?? '-', 'platform', `Task timed out after ${seconds} seconds`);
    this.#settle(id, {
      ok: false,
      errorType: 'Sandbox.Timedout',
      errorMessage: `Task timed out after ${seconds} seconds`,
    });
  }

  #settle(id: number, invoked: Invoked): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    waiting.settle(invoked);
    if (!this.#isRetired) this.#options.onFree();
    else if (this.#waiting.size === 0) this.#end();
  }

  #fail(errorType: string, errorMessage: string): void {
    if (this.#hasEnded) return;
    clearTimeout(this.#initTimer);
    this.#isRetired = true;
    const ids = [...this.#waiting.keys()];
    for (const id of ids) {
      this.#options.onLog(this.#waiting.get(id)?.requestId ?? '-', 'platform', `${errorType} ${errorMessage}`);
      this.#settle(id, { ok: false, errorType, errorMessage });
    }
    if (ids.length === 0) this.#end();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.onEnd();
    void this.#worker.terminate();
  }
}
