import { useQuery } from '@tanstack/react-query';
import { countRecoveryCodes } from '../../../shared/api/users.ts';
import { contractQuery } from './contract-query.ts';

/** How many recovery codes are left; needs a fresh session, so it is asked only when the person wants to know. */
export function useCountRecoveryCodes(wanted: boolean) {
  return useQuery({ ...contractQuery(countRecoveryCodes, {}), enabled: wanted });
}
