import { endOtherSessions, listSessions } from '../../../shared/api/users.ts';
import { useContractChange } from './contract-query.ts';

/** Ends every session but this one. */
export function useEndOtherSessions() {
  return useContractChange(endOtherSessions, [listSessions]);
}
