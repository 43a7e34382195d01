import * as configs from '../data/configs.ts';
import type { Write } from '../data/expression.ts';
import { guessing } from '../domain/policy.ts';
import { countMetric, log } from '../log.ts';

/** What a wrong guess of a configuration writes, whichever way it came; the one that locks for good rings the alarm. */
export function countWrongGuess(userId: string, config: configs.OtpConfig, now: number) {
  const locksNow = config.failures + 1 === guessing.lockAtFailure;
  const writes: readonly Write[] = [configs.countFailure(userId, config, now)];
  return {
    writes,
    afterwards: () => {
      if (!locksNow) return;
      countMetric('lockouts');
      log('warn', 'GUESS_LOCKED', { config_id: config.id });
    },
  };
}
