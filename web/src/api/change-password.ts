import { changePassword, listSessions, readMe } from '../../../shared/api/users.ts';
import { useContractChange } from './contract-query.ts';

/** Changes the password; ends the other sessions. */
export function useChangePassword() {
  return useContractChange(changePassword, [readMe, listSessions]);
}
