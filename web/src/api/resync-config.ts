import { listConfigs, readConfig, resyncConfig } from '../../../shared/api/otp-configs.ts';
import { listRecentEvents, readEnhancedStats } from '../../../shared/api/otp-usage.ts';
import { useContractChange } from './contract-query.ts';

/** Brings service and authenticator together again by two consecutive codes. */
export function useResyncConfig() {
  return useContractChange(resyncConfig, [listConfigs, readConfig, readEnhancedStats, listRecentEvents]);
}
