import { listUsers, unlockUser } from '../../../shared/api/users.ts';
import { useContractChange } from './contract-query.ts';

/** Ends the lock that failed log-ins put on a name. */
export function useUnlockUser() {
  return useContractChange(unlockUser, [listUsers]);
}
