import * as z from 'zod/mini';
import { request } from '../../shared/domain/policy.ts';
import { type Rotation, rotateKeys } from '../../shared/flows/rotate-keys.ts';
import { kms } from '../../shared/http/kms.ts';
import { config, table } from '../../shared/http/runtime.ts';
import { log } from '../../shared/log.ts';

const order = z.looseObject({ rotate: z._default(z.boolean(), false) });

/** Run at every deployment and every start, where it adds what is missing; by the yearly schedule, with `rotate`, a version more. */
export async function handler(event?: unknown): Promise<Rotation> {
  const { dataKeyId, signingKeyId } = config;
  if (dataKeyId === undefined || signingKeyId === undefined) throw new Error('the environment names no keys');
  const deadline = AbortSignal.timeout(request.deadlineMs);
  const places = { table, kms, dataKeyId, signingKeyId, now: Date.now(), deadline };
  const rotation = await rotateKeys(places, order.parse(event ?? {}));
  for (const { ring, version } of rotation.versions) log('info', 'KEY_VERSION_ADDED', { ring, version });
  if (rotation.published !== undefined) log('info', 'SIGNING_KEY_PUBLISHED', { kid: rotation.published });
  return rotation;
}
