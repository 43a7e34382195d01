import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { readTimeline } from '../../../shared/api/audit.ts';
import type { RowOf } from './client.ts';
import { contractQuery } from './contract-query.ts';

/** The events of one hour. */
export type TimelineHour = RowOf<typeof readTimeline>;

/** Events by the hour, the oldest first. */
export function useReadTimeline(hours: number) {
  return useQuery({ ...contractQuery(readTimeline, { query: { hours } }), placeholderData: keepPreviousData });
}
