import { bulkGenerateCodes } from '../../../shared/api/otp-codes.ts';
import { call } from './client.ts';

/** The current codes of many configurations by one call. */
export async function bulkGenerate(configIds: readonly number[]) {
  const { results } = await call(bulkGenerateCodes, { body: [...configIds] });
  return results;
}
