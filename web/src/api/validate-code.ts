import { validateCode } from '../../../shared/api/otp-codes.ts';
import { listConfigs, readConfig } from '../../../shared/api/otp-configs.ts';
import { listRecentEvents, readEnhancedStats, readUserMetrics } from '../../../shared/api/otp-usage.ts';
import type { ReplyBody } from '../../../shared/api/route.ts';
import { useContractChange } from './contract-query.ts';

/** Says whether a code is right; a right code is accepted once. */
export function useValidateCode() {
  return useContractChange(validateCode, [
    listConfigs,
    readConfig,
    readEnhancedStats,
    listRecentEvents,
    readUserMetrics,
  ]);
}

/** How a code was judged. */
export type Validation = ReplyBody<typeof validateCode>;
