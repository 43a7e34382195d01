import { deleteConfig, listConfigs } from '../../../shared/api/otp-configs.ts';
import { readEnhancedStats, readUserMetrics } from '../../../shared/api/otp-usage.ts';
import { useContractChange } from './contract-query.ts';

/** Deletes a configuration and destroys its secret. */
export function useDeleteConfig() {
  return useContractChange(deleteConfig, [listConfigs, readEnhancedStats, readUserMetrics]);
}
