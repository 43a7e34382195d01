/** What a server clock needs of the world; tests bring their own. */
export interface ClockEdges {
  readServerTime(): Promise<number>;
  /** The device's clock, which may be set wrong and may be set again while the page is open. */
  deviceMs(): number;
  /** Milliseconds of a clock that nobody sets, but that may stand still while the device sleeps. */
  monotonicMs(): number;
}

const resyncMs = 10 * 60 * 1000;
const stepToleratedMs = 1_500;

/** The service's clock as this page knows it: codes are judged by it, whatever the device's own clock says. */
export function createServerClock(edges: ClockEdges) {
  let known: { readonly serverMs: number; readonly deviceMs: number; readonly monotonicMs: number } | undefined;
  let syncing: Promise<void> | undefined;
  const listeners = new Set<() => void>();

  async function measure(): Promise<void> {
    const before = edges.monotonicMs();
    const serverMs = await edges.readServerTime();
    const after = edges.monotonicMs();
    // Half of the way is taken to be the way back.
    known = { serverMs: serverMs + (after - before) / 2, deviceMs: edges.deviceMs(), monotonicMs: after };
    for (const listener of listeners) listener();
  }

  /** Asks the service for the time, unless it is known well enough. Without an answer the device's clock has to do. */
  function sync(): Promise<void> {
    if (known && !isStale()) return Promise.resolve();
    syncing ??= measure()
      .catch(() => undefined)
      .finally(() => {
        syncing = undefined;
      });
    return syncing;
  }

  function isStale(): boolean {
    if (!known) return true;
    const elapsed = edges.monotonicMs() - known.monotonicMs;
    // The two clocks went apart: the device slept, or somebody set its clock.
    const apart = Math.abs(edges.deviceMs() - known.deviceMs - elapsed) > stepToleratedMs;
    return apart || elapsed > resyncMs;
  }

  return {
    sync,
    nowMs: () => (known ? known.serverMs + (edges.monotonicMs() - known.monotonicMs) : edges.deviceMs()),
    /** By how much the device's clock was ahead (or behind, negative) when the two were compared; 0 until then. */
    deviceAheadMs: () => (known ? Math.round(known.deviceMs - known.serverMs) : 0),
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
