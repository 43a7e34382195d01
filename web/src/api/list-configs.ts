import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { listConfigs } from '../../../shared/api/otp-configs.ts';
import type { RowOf } from './client.ts';
import { contractPages } from './contract-query.ts';

/** A configuration as its owner sees it: never the secret. */
export type OtpConfig = RowOf<typeof listConfigs>;

/** Which configurations to list. */
export interface ConfigFilter {
  readonly search?: string | undefined;
  readonly is_active?: boolean | undefined;
}

/** The configurations of the person, page by page. */
export function useListConfigs(filter: ConfigFilter) {
  return useInfiniteQuery({ ...contractPages(listConfigs, { query: filter }), placeholderData: keepPreviousData });
}
