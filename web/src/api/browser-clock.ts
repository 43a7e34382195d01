import { useSyncExternalStore } from 'react';
import { readServerTime } from './read-time.ts';
import { createServerClock } from './server-clock.ts';

/** The service's clock in this tab. */
export const serverClock = createServerClock({
  readServerTime,
  deviceMs: () => Date.now(),
  monotonicMs: () => performance.now(),
});

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

function second(): number {
  return Math.floor(serverClock.nowMs() / 1000);
}

function tick(): void {
  for (const listener of listeners) listener();
  schedule();
}

/** One timer for all that counts seconds, at the service's full seconds; none while the tab is hidden. */
function schedule(): void {
  clearTimeout(timer);
  timer = undefined;
  if (listeners.size === 0 || document.hidden) return;
  timer = setTimeout(tick, 1000 - (Math.floor(serverClock.nowMs()) % 1000) + 5);
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) return schedule();
  void serverClock.sync();
  tick();
});
serverClock.subscribe(tick);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) schedule();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) schedule();
  };
}

/** The service's time in whole seconds since 1970; renders again each second. */
export function useServerSecond(): number {
  return useSyncExternalStore(subscribe, second);
}

/** By how many milliseconds the device's clock is ahead of the service's. */
export function useDeviceAheadMs(): number {
  return useSyncExternalStore(serverClock.subscribe, serverClock.deviceAheadMs);
}
