import { endSession, listSessions } from '../../../shared/api/users.ts';
import { useContractChange } from './contract-query.ts';

/** Ends one session. */
export function useEndSession() {
  return useContractChange(endSession, [listSessions]);
}
