import { enableMfa } from '../../../shared/api/users.ts';
import { useContractChange } from './contract-query.ts';

/** Begins to set up MFA: a secret that waits ten minutes for its first code. */
export function useEnableMfa() {
  return useContractChange(enableMfa, []);
}
