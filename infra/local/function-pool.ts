import { FunctionInstance, type InstanceOptions, type Invoked } from './function-instance.ts';

/** How far a function spreads over instances. */
export interface Scale {
  /** Most instances at a time. */
  readonly instances: number;
  /** Most events that one instance works on at a time. */
  readonly concurrency: number;
  /** Events in each instance from which on another instance is started. */
  readonly spreadFrom: number;
}

/** Two instances, so that what must hold between processes is put to the test; many events in each, to save memory. */
export const laptopScale: Scale = { instances: 2, concurrency: 16, spreadFrom: 4 };

interface Queued {
  readonly event: string;
  readonly ids: { requestId: string; traceId: string };
  readonly settle: (invoked: Invoked) => void;
}

/** A function and its instances: the first starts with the first event, a crashed one is replaced by the next event. */
export class FunctionPool {
  readonly #options: Omit<InstanceOptions, 'onEnd' | 'onFree'>;
  readonly #scale: Scale;
  #instances: FunctionInstance[] = [];
  readonly #queue: Queued[] = [];

  constructor(options: Omit<InstanceOptions, 'onEnd' | 'onFree'>, scale: Scale) {
    this.#options = options;
    this.#scale = scale;
  }

  /** Hands an event to the instance that has the least to do. */
  invoke(event: unknown, ids: Queued['ids']): Promise<Invoked> {
    return new Promise((settle) => {
      this.#queue.push({ event: JSON.stringify(event), ids, settle });
      this.#serve();
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#instances.map((instance) => instance.stop()));
    this.#instances = [];
  }

  #serve(): void {
    for (;;) {
      const instance = this.#choose();
      const next = instance && this.#queue.shift();
      if (instance === undefined || next === undefined) return;
      void instance.invoke(next.event, next.ids).then(next.settle);
    }
  }

  #choose(): FunctionInstance | undefined {
    if (this.#queue.length === 0) return undefined;
    const { instances, concurrency, spreadFrom } = this.#scale;
    const open = this.#instances.filter(({ isOpen }) => isOpen);
    const idlest = open.reduce<FunctionInstance | undefined>(
      (least, one) => (least && least.load <= one.load ? least : one),
      undefined,
    );
    if (idlest === undefined || (idlest.load >= spreadFrom && open.length < instances)) return this.#start();
    return idlest.load < concurrency ? idlest : undefined;
  }

  #start(): FunctionInstance {
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
