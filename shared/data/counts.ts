import * as z from 'zod/mini';
import { absent, put, unchanged, update, type Write } from './expression.ts';
import type { ItemRef, RangeRef } from './table.ts';
import { type Key, keyOf, partitionOf } from './table-map.ts';

/** What the stream's consumer has counted: sums that only grow by `ADD`, each in the transaction that moves its checkpoint. */

const totals = z.object({
  users: z._default(z.number(), 0),
  users_active: z._default(z.number(), 0),
  users_mfa: z._default(z.number(), 0),
  configs: z._default(z.number(), 0),
  configs_active: z._default(z.number(), 0),
  totp: z._default(z.number(), 0),
  hotp: z._default(z.number(), 0),
  generations: z._default(z.number(), 0),
  validations: z._default(z.number(), 0),
  successes: z._default(z.number(), 0),
  /** When what was counted last happened. */
  as_of: z.optional(z.number()),
});

/** The whole service in one item. */
export type Totals = z.infer<typeof totals>;

/** A sum in the totals. */
export type Total = Exclude<keyof Totals, 'as_of'>;

const hour = z.pipe(
  z.catchall(
    z.object({
      sk: z.string(),
      generations: z._default(z.number(), 0),
      /** Users whose first act of the day was in this hour. */
      newly_active: z._default(z.number(), 0),
    }),
    z.unknown(),
  ),
  z.transform(({ sk, generations, newly_active, ...rest }) => ({
    hour: sk,
    generations,
    newly_active,
    ...actionsIn(rest),
  })),
);

/** One hour of events, as `2026-01-31T12`. */
export type Hour = z.infer<typeof hour>;

const ending = z.object({ sk: z.string(), locked: z._default(z.number(), 0) });

/** How many accounts' locks end in one minute. */
export type LockEnding = z.infer<typeof ending>;

const activeDay = z.object({});

const checkpoint = z.object({ last: z.string() });

/** How far one shard of the stream is counted. */
export type Checkpoint = z.infer<typeof checkpoint>;

/** Where the totals are. */
export function totalsRef(): ItemRef<Totals> {
  return { key: totalsKey, schema: totals };
}

const totalsKey = keyOf('COUNT', 'system', 'TOTALS');

/** The totals before anything is counted. */
export const noTotals: Totals = totals.parse({});

/** The hours between two, both included; the newest first where it says so. */
export function hours(from: string, to: string, options: Pick<RangeRef, 'newestFirst' | 'after'> = {}): RangeRef<Hour> {
  return { partition: partitionOf('COUNT', 'hours'), schema: hour, between: [from, to], ...options };
}

/** Locks that end at `now`'s minute or later. A lock lasts minutes, so they are few items however many accounts are locked. */
export function locksFrom(now: number): RangeRef<LockEnding> {
  return { partition: partitionOf('COUNT', 'locks'), schema: ending, between: [minuteOf(now), '~'] };
}

/** Whether a user is counted for a day already. */
export function activeRef(day: string, userId: string): ItemRef {
  return { key: activeKey(day, userId), schema: activeDay };
}

/** How far a shard is counted. */
export function checkpointRef(shard: string): ItemRef<Checkpoint> {
  return { key: checkpointKey(shard), schema: checkpoint };
}

function activeKey(day: string, userId: string): Key {
  return keyOf('COUNT', 'days', `${day}#${userId}`);
}

function checkpointKey(shard: string): Key {
  return keyOf('COUNT', 'shards', shard);
}

/** The hour of an instant, as `2026-01-31T12`. */
export function hourOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 13);
}

/** The minute of an instant, as `2026-01-31T12:34`. */
export function minuteOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 16);
}

/** What an hour gains: how often each action ended how, and what it is worth. */
export interface HourGain {
  readonly actions: ReadonlyMap<`${string}_${'success' | 'failure'}`, number>;
  readonly generations: number;
  readonly newlyActive: number;
  /** In seconds of Unix time. An hour is kept longer than the events that it counts. */
  readonly expiresAt: number;
}

/** Adds to the totals. */
export function addToTotals(gains: ReadonlyMap<Total, number>, asOf: number): Write {
  return update(totalsKey, { set: { as_of: asOf }, add: Object.fromEntries(nonZero(gains)) });
}

/** Adds to an hour. */
export function addToHour(name: string, { actions, generations, newlyActive, expiresAt }: HourGain): Write {
  const add = { ...Object.fromEntries(nonZero(actions)), ...some({ generations, newly_active: newlyActive }) };
  return update(keyOf('COUNT', 'hours', name), { set: { ttl: expiresAt }, add });
}

/** Adds locks that end in a minute, or takes off those that ended early. */
export function addToLocks(minute: string, locked: number): Write {
  const ttl = Math.ceil(Date.parse(`${minute}:00Z`) / 1000) + 86_400;
  return update(keyOf('COUNT', 'locks', minute), { set: { ttl }, add: { locked } });
}

/** Notes that a user is counted for a day; of two who do one begins again, and sees the other's. */
export function markActive(day: string, userId: string): Write {
  // Three days: longer than the stream holds what could count it once more.
  const ttl = Math.ceil(Date.parse(day) / 1000) + 3 * 86_400;
  return put(activeKey(day, userId), { ttl }, absent);
}

/** Moves a shard's checkpoint, if nobody moved it since it was read: what lies before it is never counted again. */
export function moveCheckpoint(shard: string, seen: Checkpoint | undefined, last: string, now: number): Write {
  const nobodyCountedBetween = unchanged('last', seen?.last);
  const ttl = Math.ceil(now / 1000) + 7 * 86_400;
  return update(checkpointKey(shard), { set: { last, ttl } }, nobodyCountedBetween);
}

function actionsIn(attributes: Readonly<Record<string, unknown>>) {
  const success: Record<string, number> = {};
  const failure: Record<string, number> = {};
  for (const [name, amount] of Object.entries(attributes)) {
    const [, action, status] = /^(\w+)_(success|failure)$/.exec(name) ?? [];
    if (action === undefined || typeof amount !== 'number') continue;
    if (status === 'success') success[action] = amount;
    else failure[action] = amount;
  }
  return { success, failure };
}

function nonZero<Name extends string>(gains: ReadonlyMap<Name, number>): [Name, number][] {
  return [...gains].filter(([, amount]) => amount !== 0);
}

function some(gains: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(gains).filter(([, amount]) => amount !== 0));
}
