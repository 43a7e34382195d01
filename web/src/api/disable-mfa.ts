import { disableMfa, listSessions, readMe } from '../../../shared/api/users.ts';
import { useContractChange } from './contract-query.ts';

/** Turns MFA off; ends the other sessions. */
export function useDisableMfa() {
  return useContractChange(disableMfa, [readMe, listSessions]);
}
