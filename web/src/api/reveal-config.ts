import { revealConfig } from '../../../shared/api/otp-configs.ts';
import type { ReplyBody } from '../../../shared/api/route.ts';
import { useContractChange } from './contract-query.ts';

/** The secret of a configuration again. */
export function useRevealConfig() {
  return useContractChange(revealConfig, []);
}

/** A secret in its three forms. */
export type SecretForms = Omit<ReplyBody<typeof revealConfig>, 'config_id'>;
