import { useQuery } from '@tanstack/react-query';
import type { ReplyBody } from '../../../shared/api/route.ts';
import { readSystemMetrics } from '../../../shared/api/system.ts';
import { contractQuery } from './contract-query.ts';

/** The service in numbers. */
export type SystemMetrics = ReplyBody<typeof readSystemMetrics>;

/** The whole service in numbers, seconds behind. */
export const readSystemMetricsQuery = contractQuery(readSystemMetrics, {});

/** The whole service in numbers, seconds behind. */
export function useReadSystemMetrics() {
  return useQuery(readSystemMetricsQuery);
}
