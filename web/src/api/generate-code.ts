import { generateCode } from '../../../shared/api/otp-codes.ts';
import { listConfigs, readConfig } from '../../../shared/api/otp-configs.ts';
import { listRecentEvents, readEnhancedStats, readUserMetrics } from '../../../shared/api/otp-usage.ts';
import { useContractChange } from './contract-query.ts';

/** Hands out the next code of a HOTP configuration, or shows the current one of either kind. */
export function useGenerateCode() {
  return useContractChange(generateCode, [
    listConfigs,
    readConfig,
    readEnhancedStats,
    listRecentEvents,
    readUserMetrics,
  ]);
}
