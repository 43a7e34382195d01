import { readTime } from '../../../shared/api/service.ts';
import { call } from './client.ts';

/** The service’s clock, in milliseconds since 1970. */
export async function readServerTime(): Promise<number> {
  const { unix_ms } = await call(readTime, {});
  return unix_ms;
}
