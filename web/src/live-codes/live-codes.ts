import { limits, otp } from '../../../shared/domain/policy.ts';
import { Refusal } from '../api/problem.ts';
import { type BulkRow, dueMs, type KnownCodes, learn } from './code-book.ts';

/** A time-based configuration whose code is on the screen. */
export interface WatchedConfig {
  readonly id: number;
  readonly intervalSeconds: number;
}

/** What live codes need of the world; tests bring their own. */
export interface LiveCodeEdges {
  ask(configIds: readonly number[]): Promise<readonly BulkRow[]>;
  nowMs(): number;
  isHidden(): boolean;
  /** Calls back once, after some time; answers how to call that off. */
  after(ms: number, task: () => void): () => void;
  /** Between 0 and 1: so that not all consoles of the world ask at the full half minute. */
  jitter(): number;
}

/** What is known now; a failure stays until an answer comes. */
export interface LiveCodesSnapshot {
  readonly known: ReadonlyMap<number, KnownCodes>;
  readonly failure: Error | undefined;
}

// So many questions fit into the limit, whatever intervals the configurations have, with one to spare.
const spacingMs = (limits.bulk_generate.windowSeconds * 1000) / (limits.bulk_generate.max - 1);
const jitterMs = 1_000;
const failureWaitMs = 5_000;

/**
 * The codes of all configurations on the screen, by one question a period: an answer holds the code after the current one
 * too, so the next period begins without a wait, and the question for it may come a little late. Hidden tabs ask nothing.
 */
export function createLiveCodes(edges: LiveCodeEdges) {
  const watched = new Map<number, { config: WatchedConfig; watchers: number }>();
  const listeners = new Set<() => void>();
  let snapshot: LiveCodesSnapshot = { known: new Map(), failure: undefined };
  let notBeforeMs = 0;
  let asking = false;
  let callOff: (() => void) | undefined;

  function publish(next: LiveCodesSnapshot): void {
    snapshot = next;
    for (const listener of listeners) listener();
  }

  function plan(): void {
    callOff?.();
    callOff = undefined;
    if (asking || watched.size === 0 || edges.isHidden()) return;
    const nowMs = edges.nowMs();
    const due = [...watched.values()].map(({ config }) => {
      const at = dueMs(snapshot.known.get(config.id), nowMs);
      return at === nowMs ? at : at + edges.jitter() * jitterMs;
    });
    callOff = edges.after(Math.max(Math.min(...due), notBeforeMs) - nowMs, () => void askNow());
  }

  async function askNow(): Promise<void> {
    callOff = undefined;
    const nowMs = edges.nowMs();
    const due = [...watched.values()].map(({ config }) => config).filter(({ id }) => isDue(id, nowMs));
    const batch = due.slice(0, otp.bulkIds);
    if (batch.length === 0 || edges.isHidden()) return plan();

    asking = true;
    notBeforeMs = nowMs + spacingMs;
    try {
      const rows = await edges.ask(batch.map(({ id }) => id));
      const known = new Map(snapshot.known);
      for (const row of rows) {
        const interval = watched.get(row.config_id)?.config.intervalSeconds;
        if (interval !== undefined) known.set(row.config_id, learn(row, interval, edges.nowMs()));
      }
      publish({ known, failure: undefined });
    } catch (error) {
      const waitMs = (error instanceof Refusal && (error.retryAfterSeconds ?? 0) * 1000) || failureWaitMs;
      notBeforeMs = edges.nowMs() + waitMs;
      publish({ ...snapshot, failure: error instanceof Error ? error : new Error(String(error)) });
    } finally {
      asking = false;
      plan();
    }
  }

  function drop(id: number): void {
    const known = new Map(snapshot.known);
    known.delete(id);
    publish({ ...snapshot, known });
  }

  function isDue(id: number, nowMs: number): boolean {
    return dueMs(snapshot.known.get(id), nowMs) <= nowMs;
  }

  return {
    /** Keeps the codes of these configurations current until the answer is called. */
    watch(configs: readonly WatchedConfig[]): () => void {
      for (const config of configs) {
        // Unlocked or made active since: what was refused then is asked anew.
        if (snapshot.known.get(config.id)?.refusal) drop(config.id);
        watched.set(config.id, { config, watchers: (watched.get(config.id)?.watchers ?? 0) + 1 });
      }
      plan();
      return () => {
        for (const { id } of configs) {
          const entry = watched.get(id);
          if (entry && entry.watchers > 1) entry.watchers -= 1;
          else watched.delete(id);
        }
        plan();
      };
    },
    /** The tab is on the screen again, or has left it. */
    wake: plan,
    /** Asks at once, after a failure. */
    retry(): void {
      notBeforeMs = 0;
      plan();
    },
    /** Forgets every code, when the session ends. */
    forget(): void {
      publish({ known: new Map(), failure: undefined });
    },
    read: () => snapshot,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
