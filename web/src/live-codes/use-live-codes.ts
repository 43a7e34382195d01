import { useEffect, useSyncExternalStore } from 'react';
import { serverClock } from '../api/browser-clock.ts';
import { bulkGenerate } from '../api/bulk-generate-codes.ts';
import type { OtpConfig } from '../api/list-configs.ts';
import { createLiveCodes, type LiveCodesSnapshot, type WatchedConfig } from './live-codes.ts';

/** The live codes of this tab. */
export const liveCodes = createLiveCodes({
  ask: async (configIds) => {
    // Steps are counted by the service's clock, so it comes first.
    await serverClock.sync();
    return bulkGenerate(configIds);
  },
  nowMs: serverClock.nowMs,
  isHidden: () => document.hidden,
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
  jitter: Math.random,
});

document.addEventListener('visibilitychange', liveCodes.wake);

/** Keeps the codes of these configurations current while the component is on the screen. */
export function useLiveCodes(configs: readonly OtpConfig[]): LiveCodesSnapshot {
  // The same configurations read anew are the same: no need to ask for their codes again.
  const watched = JSON.stringify(configs.flatMap(toWatched));
  useEffect(() => {
    const list: WatchedConfig[] = JSON.parse(watched);
    return liveCodes.watch(list);
  }, [watched]);
  return useSyncExternalStore(liveCodes.subscribe, liveCodes.read);
}

function toWatched({ id, otp_type, interval, is_active }: OtpConfig): WatchedConfig[] {
  return otp_type === 'totp' && is_active && interval !== undefined ? [{ id, intervalSeconds: interval }] : [];
}
