import { createApiKey, listApiKeys } from '../../../shared/api/api-keys.ts';
import type { ReplyBody } from '../../../shared/api/route.ts';
import { useContractChange } from './contract-query.ts';

/** Creates a key for a back end; the key is in the answer, this once. */
export function useCreateApiKey() {
  return useContractChange(createApiKey, [listApiKeys]);
}

/** What a key may be allowed to do. */
export type Scope = ReplyBody<typeof createApiKey>['scopes'][number];
