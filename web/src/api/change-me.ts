import { changeMe, readMe } from '../../../shared/api/users.ts';
import { useContractChange } from './contract-query.ts';

/** Changes the profile. */
export function useChangeMe() {
  return useContractChange(changeMe, [readMe]);
}
