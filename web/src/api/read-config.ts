import { useQuery } from '@tanstack/react-query';
import { readConfig } from '../../../shared/api/otp-configs.ts';
import { contractQuery } from './contract-query.ts';

/** One configuration of the person. */
export function useReadConfig(configId: number) {
  return useQuery(contractQuery(readConfig, { params: { config_id: configId } }));
}
