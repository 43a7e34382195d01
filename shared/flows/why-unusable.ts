import type { ProblemExtras } from '../api/problems.ts';
import type { OtpConfig } from '../data/configs.ts';
import { lockOf } from './config-answer.ts';

/** Why nothing may be done with a configuration's secret now, as the refusal that says it; undefined where it may. */
export function whyUnusable(
  config: OtpConfig,
  now: number,
): { readonly refuse: 'config_inactive' | 'config_locked'; readonly extras?: ProblemExtras } | undefined {
  if (!config.is_active) return { refuse: 'config_inactive' };
  const lock = lockOf(config, now);
  if (!lock.locked) return undefined;
  return { refuse: 'config_locked', extras: { retryAfterSeconds: lock.retryAfterSeconds } };
}
