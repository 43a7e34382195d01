import { exportConfigs } from '../../../shared/api/otp-configs.ts';
import type { ReplyBody } from '../../../shared/api/route.ts';
import { useContractChange } from './contract-query.ts';

/** The secrets of configurations, for another authenticator. */
export function useExportConfigs() {
  return useContractChange(exportConfigs, []);
}

/** What was exported. */
export type Exported = ReplyBody<typeof exportConfigs>;
