import { bulkGenerateCodes } from '../../../shared/api/otp-codes.ts';
import type { ReplyBody } from '../../../shared/api/route.ts';
import { call } from './client.ts';

/** The code of one configuration, or why there is none. */
export type BulkRow = ReplyBody<typeof bulkGenerateCodes>['results'][number];

/** The current codes of many configurations by one call. */
export async function bulkGenerate(configIds: readonly number[]): Promise<readonly BulkRow[]> {
  const { results } = await call(bulkGenerateCodes, { body: [...configIds] });
  return results;
}
