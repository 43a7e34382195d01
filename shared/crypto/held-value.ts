/** A value that is loaded when first asked for and kept in memory for a while. */
export interface HeldValue<T> {
  /** The held value, or a new one when its time is up. Callers at the same moment share one load. */
  get(nowMs: number): Promise<T>;
  /** A new value ahead of time, but no oftener than `reloadMs`: until then the held one. */
  reload(nowMs: number): Promise<T>;
}

// Requests may reach a process in another order than the gateway's clock stamped them; a clock further back was moved.
const outOfOrderMs = 5000;

/**
 * Holds what `load` answers for `maxAgeMs`, counted from before the load. A failed load is forgotten, so that a bad cold
 * start heals with the next request; a failed reload leaves the held value in place.
 */
export function holdValue<T>(
  load: () => Promise<T>,
  { maxAgeMs, reloadMs = maxAgeMs }: { maxAgeMs: number; reloadMs?: number },
): HeldValue<T> {
  let held: { value: Promise<T>; sinceMs: number } | undefined;
  let reloading: { value: Promise<T>; sinceMs: number } | undefined;

  function isWithin(sinceMs: number, spanMs: number, nowMs: number): boolean {
    const ageMs = nowMs - sinceMs;
    return ageMs < spanMs && ageMs > -outOfOrderMs;
  }

  async function get(nowMs: number): Promise<T> {
    if (held !== undefined && isWithin(held.sinceMs, maxAgeMs, nowMs)) return held.value;
    const loading = { value: load(), sinceMs: nowMs };
    held = loading;
    try {
      return await loading.value;
    } catch (error) {
      if (held === loading) held = undefined;
      throw error;
    }
  }

  async function reload(nowMs: number): Promise<T> {
    if (reloading !== undefined && isWithin(reloading.sinceMs, reloadMs, nowMs)) return reloading.value;
    const loading = { value: load(), sinceMs: nowMs };
    reloading = loading;
    try {
      const value = await loading.value;
      // Only now: who asks for what is held does not wait for this load, nor fail with it.
      held = loading;
      return value;
    } catch (error) {
      if (reloading === loading) reloading = undefined;
      throw error;
    }
  }

  return { get, reload };
}
