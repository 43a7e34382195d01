import { useMutation } from '@tanstack/react-query';
import { session } from './browser-session.ts';
import type { Credentials } from './session.ts';

/** Logs in; answers `mfa_required` when a code is needed as well. */
export function useLogIn() {
  return useMutation({ mutationFn: (credentials: Credentials) => session.logIn(credentials) });
}
