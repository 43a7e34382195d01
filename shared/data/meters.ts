import * as z from 'zod/mini';
import { type LimitName, statistics } from '../domain/policy.ts';
import { utcDate } from '../domain/statistics.ts';
import {
  absent,
  absentOrAtMost,
  absentOrBelow,
  all,
  type Condition,
  exists,
  put,
  unchanged,
  update,
  type Write,
} from './expression.ts';
import type { ItemRef } from './table.ts';
import { type Key, keyOf } from './table-map.ts';

const schema = z.catchall(
  z.object({
    configs: z._default(z.number(), 0),
    active: z._default(z.number(), 0),
    totp: z._default(z.number(), 0),
    hotp: z._default(z.number(), 0),
    sha1: z._default(z.number(), 0),
    sha256: z._default(z.number(), 0),
    sha512: z._default(z.number(), 0),
    /** The id of the configuration made last. */
    config_seq: z._default(z.number(), 0),
    api_keys: z._default(z.number(), 0),
    generations: z._default(z.number(), 0),
    validations: z._default(z.number(), 0),
    successes: z._default(z.number(), 0),
    last_used_at: z.optional(z.number()),
  }),
  z.unknown(),
);

/**
 * One small item a user: windows of the limits (`limit_<name>_at`, `_used`), totals, and the last days
 * (`day_<date>_generations` …). All of it flat, so that requests at once add to it without colliding.
 */
export type Meter = z.infer<typeof schema>;

/** What a request adds to its user's meter. */
export interface MeterChange {
  readonly add?: Partial<Record<Counter, number>>;
  readonly usedAt?: number;
  /** The next configuration's id was taken: nobody else may have taken it. */
  readonly takesConfigIds?: { readonly after: number; readonly count: number };
  /** What a counter that is added to may come to: of two who both saw room for the last one, one decides again. */
  readonly atMost?: { readonly counter: Counter; readonly most: number };
}

type Counter =
  | 'configs'
  | 'active'
  | 'totp'
  | 'hotp'
  | 'sha1'
  | 'sha256'
  | 'sha512'
  | 'api_keys'
  | 'generations'
  | 'validations'
  | 'successes';

const daily = ['generations', 'validations', 'successes'] as const;
const dailyCounters: ReadonlySet<string> = new Set(daily);

/** Where a user's meter is. */
export function ref(userId: string): ItemRef<Meter> {
  return { key: key(userId), schema };
}

function key(userId: string): Key {
  return keyOf('METER', userId, 'METER');
}

/** Writes the meter of a new user. */
export function create(userId: string): Write {
  return put(key(userId), { config_seq: 0 }, absent, 'username_taken');
}

/** How far a limit is used: when its window began and how often it was spent in it. */
export interface LimitUse {
  readonly startedMs: number;
  readonly used: number;
}

/** The state of a limit in a meter, or in another item that keeps limits the same way. */
export function limitUse(item: Readonly<Record<string, unknown>>, name: LimitName): LimitUse | undefined {
  const [startedMs, used] = [item[`limit_${name}_at`], item[`limit_${name}_used`]];
  return typeof startedMs === 'number' && typeof used === 'number' ? { startedMs, used } : undefined;
}

/** What spending one of a limit changes, and what must hold at that moment: 200 at once get no more than `max`. */
export interface LimitSpending {
  readonly name: LimitName;
  readonly max: number;
  readonly seen: LimitUse | undefined;
  readonly opensNewWindow: boolean;
  readonly now: number;
}

/** The halves of a limit's write. */
export function spend(spending: LimitSpending): {
  set: Record<string, number>;
  add: Record<string, number>;
  when: Condition;
} {
  const [at, used] = [`limit_${spending.name}_at`, `limit_${spending.name}_used`];
  const sameWindow = unchanged(at, spending.seen?.startedMs);
  if (spending.opensNewWindow) return { set: { [at]: spending.now, [used]: 1 }, add: {}, when: sameWindow };
  return { set: {}, add: { [used]: 1 }, when: all(sameWindow, absentOrBelow(used, spending.max)) };
}

/** Spends a limit and adds what was done, in one write of one item. */
export function count(
  userId: string,
  meter: Meter,
  spending: LimitSpending | undefined,
  change: MeterChange,
  now: number,
): Write | undefined {
  const spent = spending && spend(spending);
  const added = Object.entries(change.add ?? {}).filter(([, amount]) => amount !== 0);
  const ofToday = added
    .filter(([counter]) => dailyCounters.has(counter))
    .map(([counter, amount]) => [`day_${utcDate(now)}_${counter}`, amount] as const);
  const ids = change.takesConfigIds;
  const room =
    change.atMost &&
    absentOrAtMost(change.atMost.counter, change.atMost.most - (change.add?.[change.atMost.counter] ?? 0));
  if (!spent && added.length === 0 && !ids && change.usedAt === undefined) return undefined;
  const conditions = [exists, spent?.when, ids && unchanged('config_seq', ids.after), room];
  return update(
    key(userId),
    {
      set: { ...spent?.set, last_used_at: change.usedAt, ...(ids && { config_seq: ids.after + ids.count }) },
      add: { ...spent?.add, ...Object.fromEntries(added), ...Object.fromEntries(ofToday) },
      remove: ofToday.length === 0 ? [] : outdated(meter, now),
    },
    all(...conditions.filter((condition) => condition !== undefined)),
  );
}

/** What a user did on one UTC day. */
export interface Day {
  date: string;
  generations: number;
  validations: number;
  successes: number;
}

/** The days that a meter holds, the oldest first. */
export function days(meter: Meter): Day[] {
  const byDate = new Map<string, Day>();
  for (const [attribute, amount] of Object.entries(meter)) {
    const [, date, counter] = /^day_(\d{4}-\d\d-\d\d)_(generations|validations|successes)$/.exec(attribute) ?? [];
    if (date === undefined || typeof amount !== 'number') continue;
    const day = byDate.get(date) ?? { date, generations: 0, validations: 0, successes: 0 };
    for (const known of daily) if (known === counter) day[known] = amount;
    byDate.set(date, day);
  }
  return [...byDate.values()].sort((a, b) => a.date.localeCompare(b.date));
}

// So the item stays small: whoever adds to today takes out what no reader asks for any more.
function outdated(meter: Meter, now: number): string[] {
  const oldest = utcDate(now - statistics.keptDays * 86_400_000);
  return Object.keys(meter).filter((attribute) => attribute.startsWith('day_') && attribute.slice(4, 14) < oldest);
}
