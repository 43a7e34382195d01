import { listSessions, readMe, verifyMfa } from '../../../shared/api/users.ts';
import { useContractChange } from './contract-query.ts';

/** Turns MFA on with a code of the pending secret; ends the other sessions. */
export function useVerifyMfa() {
  return useContractChange(verifyMfa, [readMe, listSessions]);
}
