import { readSystemMetrics } from '../../../shared/api/system.ts';
import { changeUser, listUsers, readMe } from '../../../shared/api/users.ts';
import { useContractChange } from './contract-query.ts';

/** Changes a user, for administrators. */
export function useChangeUser() {
  return useContractChange(changeUser, [listUsers, readMe, readSystemMetrics]);
}
