import { createConfig, listConfigs } from '../../../shared/api/otp-configs.ts';
import { readEnhancedStats, readUserMetrics } from '../../../shared/api/otp-usage.ts';
import { useContractChange } from './contract-query.ts';

/** Creates a configuration; its secret is in the answer, this once. */
export function useCreateConfig() {
  return useContractChange(createConfig, [listConfigs, readEnhancedStats, readUserMetrics]);
}
