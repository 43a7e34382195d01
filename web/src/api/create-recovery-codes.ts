import { countRecoveryCodes, createRecoveryCodes } from '../../../shared/api/users.ts';
import { useContractChange } from './contract-query.ts';

/** Makes ten new recovery codes; the old ones stop working. */
export function useCreateRecoveryCodes() {
  return useContractChange(createRecoveryCodes, [countRecoveryCodes]);
}
