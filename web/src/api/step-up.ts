import { stepUp } from '../../../shared/api/users.ts';
import { useContractChange } from './contract-query.ts';

/** Proves password, and code with MFA on, so that this session counts as fresh for five minutes. */
export function useStepUp() {
  return useContractChange(stepUp, []);
}
