import * as z from 'zod/mini';
import { afterWrongGuess, type GuessRun } from '../domain/guess-lock.ts';
import { absent, all, exists, put, remove as removeItem, unchanged, update, type Write } from './expression.ts';
import type { ItemRef, RangeRef } from './table.ts';
import { type Key, keyOf, partitionOf, sortableId } from './table-map.ts';

const common = {
  id: z.number(),
  name: z.string(),
  algorithm: z.enum(['sha1', 'sha256', 'sha512']),
  digits: z.number(),
  issuer: z.string(),
  account: z.string(),
  is_active: z.boolean(),
  /** Consecutive wrong guesses, and when the last one was. */
  failures: z.number(),
  last_failure_at: z.optional(z.number()),
  created_at: z.number(),
  updated_at: z.number(),
  last_used_at: z.optional(z.number()),
};

const totp = z.object({
  ...common,
  otp_type: z.literal('totp'),
  interval: z.number(),
  window: z.number(),
  /** The last time step that was consumed: no step at or below it is accepted again. */
  last_step: z.optional(z.number()),
  /** Steps by which the device was found ahead of the service (behind: negative). */
  drift: z.optional(z.number()),
});

const hotp = z.object({
  ...common,
  otp_type: z.literal('hotp'),
  /** The next counter that is neither handed out nor accepted yet; 2^53 when none is left. */
  counter: z.union([z.number(), z.pipe(z.bigint(), z.transform(Number))]),
  look_ahead: z.number(),
});

const schema = z.discriminatedUnion('otp_type', [totp, hotp]);

/** A configuration: everything about an OTP but its secret. */
export type OtpConfig = z.infer<typeof schema>;
export type TotpConfig = z.infer<typeof totp>;
export type HotpConfig = z.infer<typeof hotp>;

function key(userId: string, id: number): Key {
  return keyOf('CONFIG', userId, sortableId(id));
}

/** Where a user's configuration is. */
export function ref(userId: string, id: number): ItemRef<OtpConfig> {
  return { key: key(userId, id), schema };
}

/** A user's configurations by id. */
export function range(userId: string, options: Pick<RangeRef, 'limit' | 'after'> = {}): RangeRef<OtpConfig> {
  return { partition: partitionOf('CONFIG', userId), schema, ...options };
}

/** Writes a new configuration. */
export function create(userId: string, config: OtpConfig): Write {
  return put(key(userId, config.id), config, absent);
}

// A guess decided on old facts is decided again: else parallel guesses would slip past the lock, or a stub rise from a delete.
function asJudged(config: OtpConfig) {
  const stillThere = exists;
  const stillActive = unchanged('is_active', config.is_active);
  const noGuessBetween = unchanged('failures', config.failures);
  return all(stillThere, stillActive, noGuessBetween);
}

/** Accepts a TOTP code: its step and all before it are spent, the run of wrong guesses ends (RFC 6238 §5.2). */
export function consumeStep(userId: string, config: TotpConfig, step: number, now: number): Write {
  const noStepBetween = unchanged('last_step', config.last_step);
  return update(
    key(userId, config.id),
    { set: { last_step: step, failures: 0, last_used_at: now }, remove: ['last_failure_at'] },
    all(asJudged(config), noStepBetween),
  );
}

/** Accepts a HOTP code: the counter moves past it, the run of wrong guesses ends (RFC 4226 §7.2). */
export function consumeCounter(userId: string, config: HotpConfig, counter: number, now: number): Write {
  const noCounterBetween = unchanged('counter', config.counter);
  return update(
    key(userId, config.id),
    { set: { counter: following(counter), failures: 0, last_used_at: now }, remove: ['last_failure_at'] },
    all(asJudged(config), noCounterBetween),
  );
}

// The document client takes no number beyond 2^53 − 1: what follows the last counter is written as an integer of any size.
function following(counter: number): number | bigint {
  return Number.isSafeInteger(counter + 1) ? counter + 1 : BigInt(counter) + 1n;
}

/** Hands out the code of the current counter: nobody else gets it. */
export function handOutCounter(userId: string, config: HotpConfig, now: number): Write {
  const noCounterBetween = unchanged('counter', config.counter);
  return update(
    key(userId, config.id),
    { set: { counter: following(config.counter), last_used_at: now } },
    all(asJudged(config), noCounterBetween),
  );
}

/** Counts a wrong guess. */
export function countFailure(userId: string, config: OtpConfig, now: number): Write {
  const { failures, last_failure_ms } = afterWrongGuess(guessRunOf(config), now);
  return update(key(userId, config.id), { set: { failures, last_failure_at: last_failure_ms } }, asJudged(config));
}

/** The run of wrong guesses, as the rule of the guess lock reads it. */
export function guessRunOf({ failures, last_failure_at }: OtpConfig): GuessRun | undefined {
  return last_failure_at === undefined ? undefined : { failures, last_failure_ms: last_failure_at };
}

/** Moves a TOTP configuration to a device's clock; the step of the second code is spent. */
export function resyncSteps(
  userId: string,
  config: TotpConfig,
  found: { step: number; drift: number },
  now: number,
): Write {
  const noStepBetween = unchanged('last_step', config.last_step);
  return update(
    key(userId, config.id),
    {
      set: { last_step: found.step, drift: found.drift, failures: 0, last_used_at: now, updated_at: now },
      remove: ['last_failure_at'],
    },
    all(asJudged(config), noStepBetween),
  );
}

/** Clears the lock that wrong guesses made. */
export function unlock(userId: string, config: OtpConfig, now: number): Write {
  return update(key(userId, config.id), { set: { failures: 0, updated_at: now }, remove: ['last_failure_at'] }, exists);
}

/** Changes what its owner may change. */
export function change(
  userId: string,
  config: OtpConfig,
  fields: {
    name?: string | undefined;
    issuer?: string | undefined;
    account?: string | undefined;
    is_active?: boolean | undefined;
    window?: number | undefined;
    look_ahead?: number | undefined;
  },
  now: number,
): Write {
  // The meter counts active configurations: two changes at once must not both count the same step.
  const stillAsActive = unchanged('is_active', config.is_active);
  return update(key(userId, config.id), { set: { ...fields, updated_at: now } }, all(exists, stillAsActive));
}

/** Removes a configuration. */
export function remove(userId: string, config: OtpConfig): Write {
  const stillAsActive = unchanged('is_active', config.is_active);
  return removeItem(key(userId, config.id), all(exists, stillAsActive));
}
