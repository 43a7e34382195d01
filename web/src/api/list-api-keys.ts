import { useQuery } from '@tanstack/react-query';
import { listApiKeys } from '../../../shared/api/api-keys.ts';
import type { RowOf } from './client.ts';
import { contractQuery } from './contract-query.ts';

/** A key as its owner sees it. */
export type ApiKey = RowOf<typeof listApiKeys>;

/** The keys of the person. */
export const listApiKeysQuery = contractQuery(listApiKeys, {});

/** The keys of the person. */
export function useListApiKeys() {
  return useQuery(listApiKeysQuery);
}
