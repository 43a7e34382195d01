import { type CodeParameters, highestMatch, matchingCounters, timeStep } from './otp.ts';
import { otp } from './policy.ts';

/** What is known of a TOTP configuration, or of an MFA secret, when a code comes in. Steps and drift count intervals. */
export interface TotpState extends CodeParameters {
  readonly interval: number;
  readonly window: number;
  /** The highest step that was ever consumed. */
  readonly last_step?: number | undefined;
  /** By how many steps the device runs ahead of the server, as the last resynchronisation found. */
  readonly drift?: number | undefined;
}

/** What is known of a HOTP configuration when a code comes in. `counter` is the next one that was never used. */
export interface HotpState extends CodeParameters {
  readonly counter: number;
  readonly look_ahead: number;
}

/** `valid` names the step that must now be consumed; `replayed` is a right code whose step was consumed before. */
export type TotpDecision =
  | { readonly result: 'valid'; readonly step: number }
  | { readonly result: 'replayed' }
  | { readonly result: 'invalid' };

/**
 * `valid` names the counter that matched and the one to move to. The latter is 2^53 after the last counter: then nothing
 * is left, and every further code is invalid.
 */
export type HotpDecision =
  | { readonly result: 'valid'; readonly counter: number; readonly next_counter: number }
  | { readonly result: 'invalid' };

/** What a resynchronisation moves the configuration to; for TOTP with the drift to remember. */
export type ResyncDecision =
  | { readonly result: 'resynced'; readonly otp_type: 'totp'; readonly step: number; readonly drift: number }
  | { readonly result: 'resynced'; readonly otp_type: 'hotp'; readonly counter: number; readonly next_counter: number }
  | { readonly result: 'invalid' };

const invalid = { result: 'invalid' } as const;

/** SPEC §5.3, TOTP: looks `window` steps around the server's time and, where a drift is known, around the device's. */
export function decideTotp(facts: {
  readonly secret: Uint8Array;
  readonly config: TotpState;
  readonly code: string;
  readonly nowMs: number;
}): TotpDecision {
  const { secret, config, code, nowMs } = facts;
  const serverStep = timeStep(nowMs, config.interval);
  const deviceStep = serverStep + (config.drift ?? 0);
  const candidates = new Set([
    ...integersBetween(serverStep - config.window, serverStep + config.window),
    ...integersBetween(deviceStep - config.window, deviceStep + config.window),
  ]);
  const step = highestMatch(secret, config, [...candidates], code);
  if (step === undefined) return invalid;
  // RFC 6238 §5.2: an accepted step is never accepted again, nor is one before it, wherever the clock has gone.
  const isConsumed = config.last_step !== undefined && step <= config.last_step;
  return isConsumed ? { result: 'replayed' } : { result: 'valid', step };
}

/** SPEC §5.3, HOTP: looks from the counter up to `look_ahead`; a requested counter can only narrow that range. */
export function decideHotp(facts: {
  readonly secret: Uint8Array;
  readonly config: HotpState;
  readonly code: string;
  readonly requested_counter?: number | undefined;
}): HotpDecision {
  const { secret, config, code, requested_counter: requested } = facts;
  const inRange = integersBetween(config.counter, config.counter + config.look_ahead);
  const candidates = requested === undefined ? inRange : inRange.filter((counter) => counter === requested);
  const counter = highestMatch(secret, config, candidates, code);
  return counter === undefined ? invalid : { result: 'valid', counter, next_counter: counter + 1 };
}

/**
 * SPEC §5.4: finds two consecutive codes, both beyond what was consumed, within the next 100 counters (HOTP) or 20 steps
 * around the server's time (TOTP), and says where the second one leaves the configuration.
 */
export function decideResync(facts: {
  readonly secret: Uint8Array;
  readonly config: (TotpState & { readonly otp_type: 'totp' }) | (HotpState & { readonly otp_type: 'hotp' });
  readonly code1: string;
  readonly code2: string;
  readonly nowMs: number;
}): ResyncDecision {
  const { secret, config, code1, code2, nowMs } = facts;
  if (config.otp_type === 'hotp') {
    const candidates = integersBetween(config.counter, config.counter + otp.resync.counters);
    const counter = secondOfPair(secret, config, candidates, code1, code2);
    if (counter === undefined) return invalid;
    return { result: 'resynced', otp_type: 'hotp', counter, next_counter: counter + 1 };
  }
  const serverStep = timeStep(nowMs, config.interval);
  const firstFresh = config.last_step === undefined ? 0 : config.last_step + 1;
  const candidates = integersBetween(
    Math.max(firstFresh, serverStep - otp.resync.steps),
    serverStep + otp.resync.steps,
  );
  const step = secondOfPair(secret, config, candidates, code1, code2);
  if (step === undefined) return invalid;
  return { result: 'resynced', otp_type: 'totp', step, drift: step - serverStep };
}

function secondOfPair(
  secret: Uint8Array,
  parameters: CodeParameters,
  candidates: readonly number[],
  code1: string,
  code2: string,
): number | undefined {
  const firsts = new Set(matchingCounters(secret, parameters, candidates, code1));
  const seconds = matchingCounters(secret, parameters, candidates, code2).filter((counter) => firsts.has(counter - 1));
  return seconds.length === 0 ? undefined : Math.max(...seconds);
}

/** All counters of the range that exist: none below 0, none above 2^53 − 1. */
function integersBetween(first: number, last: number): number[] {
  const from = Math.max(first, 0);
  const to = Math.min(last, otp.counterMax);
  return Array.from({ length: Math.max(to - from + 1, 0) }, (_, index) => from + index);
}
