import { useSyncExternalStore } from 'react';
import { session } from '../api/browser-session.ts';
import type { SessionState } from '../api/session.ts';

/** Where the person stands. */
export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, session.read);
}
