import { listConfigs, readConfig, unlockConfig } from '../../../shared/api/otp-configs.ts';
import { useContractChange } from './contract-query.ts';

/** Clears the lock that wrong guesses put on a configuration. */
export function useUnlockConfig() {
  return useContractChange(unlockConfig, [listConfigs, readConfig]);
}
