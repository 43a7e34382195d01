import { deleteApiKey, listApiKeys } from '../../../shared/api/api-keys.ts';
import { useContractChange } from './contract-query.ts';

/** Deletes a key; it stops working at once. */
export function useDeleteApiKey() {
  return useContractChange(deleteApiKey, [listApiKeys]);
}
