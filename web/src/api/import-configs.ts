import { importConfigs, listConfigs } from '../../../shared/api/otp-configs.ts';
import { readEnhancedStats, readUserMetrics } from '../../../shared/api/otp-usage.ts';
import type { ReplyBody } from '../../../shared/api/route.ts';
import { useContractChange } from './contract-query.ts';

/** Creates configurations from otpauth and otpauth-migration URIs; as `dry_run` it only says what would happen. */
export function useImportConfigs() {
  return useContractChange(importConfigs, [listConfigs, readEnhancedStats, readUserMetrics]);
}

/** What became, or in a dry run would become, of each entry. */
export type ImportAnswer = ReplyBody<typeof importConfigs>;
