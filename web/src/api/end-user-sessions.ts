import { endUserSessions } from '../../../shared/api/users.ts';
import { useContractChange } from './contract-query.ts';

/** Ends all sessions of a user. */
export function useEndUserSessions() {
  return useContractChange(endUserSessions, []);
}
