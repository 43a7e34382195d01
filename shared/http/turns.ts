import { TableUnavailable } from '../data/table.ts';

/** Ends a turn: the next one may begin. */
export type EndTurn = () => void;

/**
 * Requests in one process that meet at the same items take turns once one of them was decided in vain: side by side all but one
 * would be, again and again. Between processes only chance helps (`pause`).
 */
export function createTurns() {
  const lastOf = new Map<string, Promise<void>>();

  /** Whether somebody has the turn of this name, or waits for it. */
  function isTaken(name: string): boolean {
    return lastOf.has(name);
  }

  /** Waits for one's turn; `TableUnavailable` when the request's time is up before. */
  async function take(name: string, deadline: AbortSignal): Promise<EndTurn> {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const before = lastOf.get(name) ?? Promise.resolve();
    const last = before.then(() => ended);
    lastOf.set(name, last);
    void last.then(() => lastOf.get(name) === last && lastOf.delete(name));
    const { promise: outOfTime, reject } = Promise.withResolvers<never>();
    const giveUp = () => reject(new TableUnavailable('out of time', { cause: deadline.reason }));
    deadline.addEventListener('abort', giveUp, { once: true });
    try {
      if (deadline.aborted) giveUp();
      await Promise.race([before, outOfTime]);
      return end;
    } catch (error) {
      end();
      throw error;
    } finally {
      deadline.removeEventListener('abort', giveUp);
    }
  }

  return { isTaken, take };
}
