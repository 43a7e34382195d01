import { useQuery } from '@tanstack/react-query';
import { listRecentEvents } from '../../../shared/api/otp-usage.ts';
import type { RowOf } from './client.ts';
import { contractQuery } from './contract-query.ts';

/** Something that happened to a configuration. */
export type OtpEvent = RowOf<typeof listRecentEvents>;

/** The latest events, of all configurations or of one. */
export function useListRecentEvents(query: { readonly limit: number; readonly config_id?: number }) {
  return useQuery(contractQuery(listRecentEvents, { query }));
}
