import { useQuery } from '@tanstack/react-query';
import { readUserMetrics } from '../../../shared/api/otp-usage.ts';
import { contractQuery } from './contract-query.ts';

/** Configurations and usage at a glance. */
export const readUserMetricsQuery = contractQuery(readUserMetrics, {});

/** Configurations and usage at a glance. */
export function useReadUserMetrics() {
  return useQuery(readUserMetricsQuery);
}
