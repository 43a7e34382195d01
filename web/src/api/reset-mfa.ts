import { listUsers, resetMfa } from '../../../shared/api/users.ts';
import { useContractChange } from './contract-query.ts';

/** Turns a user’s MFA off and ends their sessions. */
export function useResetMfa() {
  return useContractChange(resetMfa, [listUsers]);
}
