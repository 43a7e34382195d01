import { useQuery } from '@tanstack/react-query';
import { readEnhancedStats } from '../../../shared/api/otp-usage.ts';
import type { ReplyBody } from '../../../shared/api/route.ts';
import { contractQuery } from './contract-query.ts';

/** Usage, exact and immediate. */
export type Stats = ReplyBody<typeof readEnhancedStats>;

/** Usage in total and over the last days. */
export const readEnhancedStatsQuery = contractQuery(readEnhancedStats, {});

/** Usage in total and over the last days. */
export function useReadEnhancedStats() {
  return useQuery(readEnhancedStatsQuery);
}
