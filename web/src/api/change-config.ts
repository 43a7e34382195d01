import { changeConfig, listConfigs, readConfig } from '../../../shared/api/otp-configs.ts';
import { readEnhancedStats, readUserMetrics } from '../../../shared/api/otp-usage.ts';
import { useContractChange } from './contract-query.ts';

/** Changes what may change of a configuration. */
export function useChangeConfig() {
  return useContractChange(changeConfig, [listConfigs, readConfig, readEnhancedStats, readUserMetrics]);
}
