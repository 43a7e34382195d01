import { useMutation } from '@tanstack/react-query';
import { session } from './browser-session.ts';

/** Ends the session here, on the service and in every tab. */
export function useLogOut() {
  return useMutation({ mutationFn: () => session.logOut() });
}
