import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { readMe } from '../../../shared/api/users.ts';
import { readAnew } from './contract-query.ts';
import { isRefusal } from './problem.ts';

/** What the service said last. A call that may be sent again is sent again by the client itself, so nothing is retried here. */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticePasswordChange }),
  mutationCache: new MutationCache({ onError: noticePasswordChange }),
  defaultOptions: {
    queries: { retry: false, staleTime: 30_000 },
    // Offline a write fails at once and says so; it must not lie in wait and happen later.
    mutations: { retry: false, networkMode: 'always' },
  },
});

/** The profile says that a password must be changed; whoever shows pages by it shows the form instead. */
function noticePasswordChange(error: Error): void {
  if (isRefusal(error, 'password_change_required')) void readAnew(queryClient, [readMe]);
}
