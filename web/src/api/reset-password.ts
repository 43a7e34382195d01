import { listUsers, resetPassword } from '../../../shared/api/users.ts';
import { useContractChange } from './contract-query.ts';

/** Sets a temporary password for a user and ends their sessions. */
export function useResetPassword() {
  return useContractChange(resetPassword, [listUsers]);
}
