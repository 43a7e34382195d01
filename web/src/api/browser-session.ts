import { createSession } from './session.ts';

/** The session of this tab. */
export const session = createSession({
  fetch: (url, init) => fetch(url, init),
  // Web Locks: of several tabs that wake up together one rotates the cookie at a time, each with the newest one.
  exclusively: (task) => navigator.locks.request('session', task),
  channel: new BroadcastChannel('session'),
  monotonicMs: () => performance.now(),
});
