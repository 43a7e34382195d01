import { FunctionInstance, type InstanceOptions, type Invoked } from './function-instance.ts';

/**
 * Most instances of a function at a time, as a reserved concurrency would have it: so many meet at an item of the table at once,
 * each in a thread of its own; what comes beside them waits. As many as a machine with two cores can keep at work.
 */
export const laptopInstances = 4;

interface Queued {
  readonly event: string;
  readonly ids: { requestId: string; traceId: string };
  readonly settle: (invoked: Invoked) => void;
}

/** A function and its instances, each at work on one event at a time, as in Lambda. A crashed one is replaced by the next event. */
export class FunctionPool {
  readonly #options: Omit<InstanceOptions, 'onEnd' | 'onFree'>;
  readonly #most: number;
  #instances: FunctionInstance[] = [];
  readonly #queue: Queued[] = [];

  constructor(options: Omit<InstanceOptions, 'onEnd' | 'onFree'>, most: number) {
    this.#options = options;
    this.#most = most;
  }

  /** Hands an event to an idle instance, the one that was started first. */
  invoke(event: unknown, ids: Queued['ids']): Promise<Invoked> {
    return new Promise((settle) => {
      this.#queue.push({ event: JSON.stringify(event), ids, settle });
      this.#serve();
    });
  }

  /** Ends the instances that wait for an event, as Lambda does in time; says how many. The next event meets a cold start. */
  async endIdle(): Promise<number> {
    const idle = this.#instances.filter(({ isIdle }) => isIdle);
    this.#instances = this.#instances.filter((instance) => !idle.includes(instance));
    await Promise.all(idle.map((instance) => instance.stop()));
    return idle.length;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#instances.map((instance) => instance.stop()));
    this.#instances = [];
  }

  #serve(): void {
    while (this.#queue.length > 0) {
      const instance = this.#instances.find(({ isIdle }) => isIdle) ?? this.#start();
      const next = instance && this.#queue.shift();
      if (instance === undefined || next === undefined) return;
      void instance.invoke(next.event, next.ids).then(next.settle);
    }
  }

  #start(): FunctionInstance | undefined {
    if (this.#instances.length >= this.#most) return undefined;
    const instance = new FunctionInstance({
      ...this.#options,
      onFree: () => this.#serve(),
      onEnd: () => {
        this.#instances = this.#instances.filter((other) => other !== instance);
        this.#serve();
      },
    });
    this.#instances.push(instance);
    return instance;
  }
}
