import type { OtpConfig } from '../api/list-configs.ts';

// The service says so where a lock has no end of its own.
const untilUnlocked = '9999';

/** Type and parameters in one line, `TOTP · SHA-1 · 6 digits · 30 s`, which breaks between them only. */
export function sayParameters(config: OtpConfig): string {
  const algorithm = config.algorithm.replace('sha', 'SHA\u2011');
  const moving = config.otp_type === 'totp' ? `${config.interval}\u00a0s` : `counter\u00a0${config.counter}`;
  return `${config.otp_type.toUpperCase()} · ${algorithm} · ${config.digits}\u00a0digits · ${moving}`;
}

/** Whether a configuration gives and takes codes now. */
export function statusOf(config: OtpConfig, nowMs: number): 'active' | 'paused' | 'locked' {
  if (!config.is_active) return 'paused';
  return config.locked_until && Date.parse(config.locked_until) > nowMs ? 'locked' : 'active';
}

/** Whether a lock ends only by being unlocked. */
export function isLockedForGood({ locked_until }: Pick<OtpConfig, 'locked_until'>): boolean {
  return locked_until?.startsWith(untilUnlocked) === true;
}
