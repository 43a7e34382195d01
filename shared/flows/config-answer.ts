import type * as z from 'zod/mini';
import type { otpConfig } from '../api/otp-configs.ts';
import { guessRunOf, type OtpConfig } from '../data/configs.ts';
import { guessLock, lockedUntil } from '../domain/guess-lock.ts';
import { otp } from '../domain/policy.ts';

/** A configuration as its owner sees it. */
export function configAnswer(config: OtpConfig, now: number): z.input<typeof otpConfig> {
  const { id, name, algorithm, digits, issuer, account, is_active } = config;
  return {
    id,
    name,
    otp_type: config.otp_type,
    algorithm,
    digits,
    ...(config.otp_type === 'totp'
      ? { interval: config.interval, window: config.window }
      : { counter: Math.min(config.counter, otp.counterMax), look_ahead: config.look_ahead }),
    issuer,
    account,
    is_active,
    locked_until: lockEnd(config, now),
    created_at: new Date(config.created_at).toISOString(),
    updated_at: new Date(config.updated_at).toISOString(),
    last_used_at: config.last_used_at === undefined ? null : new Date(config.last_used_at).toISOString(),
  };
}

/** Whether wrong guesses make a configuration wait at `now`, and for how long; without an end until it is unlocked. */
export function lockOf(config: OtpConfig, now: number): ReturnType<typeof guessLock> {
  return guessLock(guessRunOf(config), now);
}

// A lock without an end has the last instant that RFC 3339 can write.
function lockEnd(config: OtpConfig, now: number): string | null {
  const run = guessRunOf(config);
  if (run === undefined || !lockOf(config, now).locked) return null;
  const until = lockedUntil(run);
  return until === 'forever' ? '9999-12-31T23:59:59Z' : new Date(until ?? now).toISOString();
}
