import type { Answer } from '../local/testing.ts';
import type { World } from './world.ts';

/** A request that is measured. */
export interface Scenario {
  /** Which of an operation's ways it is, where there are several. */
  readonly variant: string;
  /** How many items of the table it handles at once, where that is its purpose. */
  readonly items: number;
  /** The answer that it must get; without one the contract's. */
  readonly status: number | undefined;
  /** Makes what must be there before, and gives the request, ready to be sent once. */
  readonly begin: (world: World) => Promise<() => Promise<Answer>>;
}

interface Description<State> {
  readonly variant?: string;
  readonly items?: number;
  readonly status?: number;
  readonly prepare: (world: World) => Promise<State>;
  readonly send: (world: World, state: State) => Promise<Answer>;
}

/** A request for which something must be made first. */
export function prepared<State>({ variant = '', items = 0, status, prepare, send }: Description<State>): Scenario {
  return {
    variant,
    items,
    status,
    begin: async (world) => {
      const state = await prepare(world);
      return () => send(world, state);
    },
  };
}

/** A request that can be sent as it is. */
export function plain(send: (world: World) => Promise<Answer>, variant = ''): Scenario {
  return prepared({ variant, prepare: async () => undefined, send });
}
