import type { Change, CountedEvent } from '../data/changes.ts';
import * as counts from '../data/counts.ts';
import type { Write } from '../data/expression.ts';
import { utcDate } from '../domain/statistics.ts';

/** Somebody did something on a day: counted once, however much it was. */
export interface Activity {
  readonly day: string;
  readonly userId: string;
  readonly hour: string;
}

/** An hour is kept a day longer than the events that it counts. */
const hourOutlivesSeconds = 86_400;

/** The items that counting a change writes to, by a name of their own: what tells how much fits into one commit. */
export function placesOf(change: Change): string[] {
  if (change.kind === 'lock') return ['totals', ...lockMovesOf(change).map(({ minute }) => `lock ${minute}`)];
  if (change.kind !== 'event') return ['totals'];
  const { event } = change;
  const activity = activityOf(event);
  return [
    'totals',
    `hour ${counts.hourOf(event.at)}`,
    ...(activity ? [`active ${activity.day} ${activity.userId}`] : []),
  ];
}

/** Who was active by these changes, each user once a day. */
export function activitiesOf(changes: readonly Change[]): Activity[] {
  const found = new Map<string, Activity>();
  for (const change of changes) {
    const activity = change.kind === 'event' ? activityOf(change.event) : undefined;
    if (activity === undefined) continue;
    const name = `${activity.day} ${activity.userId}`;
    if (!found.has(name)) found.set(name, activity);
  }
  return [...found.values()];
}

/** What the table must tell before changes can be counted. */
export interface Known {
  /** The activities that were not counted before. */
  readonly newlyActive: readonly Activity[];
  /** Whether there is a user of this id: a name that nobody has is locked the same way, and is no account. */
  readonly isUser: (userId: string) => boolean;
}

/** The writes that add changes to the counts. */
export function tallyWrites(changes: readonly Change[], { newlyActive, isUser }: Known): Write[] {
  const totals = new Map<counts.Total, number>();
  const hours = new Map<string, Mutable>();
  const locks = new Map<string, number>();
  for (const change of changes) {
    for (const [total, amount] of totalsOf(change)) add(totals, total, amount);
    if (change.kind === 'lock' && isUser(change.userId)) {
      for (const { minute, accounts } of lockMovesOf(change)) add(locks, minute, accounts);
    }
    if (change.kind !== 'event') continue;
    const { event } = change;
    const hour = hourIn(hours, counts.hourOf(event.at));
    add(hour.actions, `${event.action}_${event.status}`, 1);
    hour.generations += generationsOf(event);
    hour.expiresAt = Math.max(hour.expiresAt, event.ttl + hourOutlivesSeconds);
  }
  for (const { hour } of newlyActive) hourIn(hours, hour).newlyActive += 1;
  return [
    counts.addToTotals(totals, Math.max(...changes.map(({ at }) => at))),
    ...[...hours].map(([hour, gain]) => counts.addToHour(hour, gain)),
    ...[...locks].map(([minute, accounts]) => counts.addToLocks(minute, accounts)),
    ...newlyActive.map(({ day, userId }) => counts.markActive(day, userId)),
  ];
}

interface Mutable {
  readonly actions: Map<`${string}_${'success' | 'failure'}`, number>;
  generations: number;
  newlyActive: number;
  expiresAt: number;
}

function hourIn(hours: Map<string, Mutable>, name: string): Mutable {
  const known = hours.get(name);
  if (known !== undefined) return known;
  const hour: Mutable = { actions: new Map(), generations: 0, newlyActive: 0, expiresAt: 0 };
  hours.set(name, hour);
  return hour;
}

function totalsOf(change: Change): [counts.Total, number][] {
  if (change.kind === 'event') {
    const { event } = change;
    const isValidation = event.action === 'otp_validate';
    return [
      ['generations', generationsOf(event)],
      ['validations', isValidation ? 1 : 0],
      ['successes', isValidation && event.status === 'success' ? 1 : 0],
    ];
  }
  if (change.kind === 'user') {
    return difference(change, (user) => [
      ['users', 1],
      ['users_active', user.is_active ? 1 : 0],
      ['users_mfa', user.mfa_enabled ? 1 : 0],
    ]);
  }
  if (change.kind === 'config') {
    return difference(change, (config) => [
      ['configs', 1],
      ['configs_active', config.is_active ? 1 : 0],
      [config.otp_type, 1],
    ]);
  }
  return [];
}

// What an item is worth after a change, less what it was worth before: right in whatever order the shards are read.
function difference<Item>(
  { before, after }: { readonly before: Item | undefined; readonly after: Item | undefined },
  worth: (item: Item) => [counts.Total, number][],
): [counts.Total, number][] {
  const lost =
    before === undefined ? [] : worth(before).map(([total, amount]): [counts.Total, number] => [total, -amount]);
  return [...lost, ...(after === undefined ? [] : worth(after))];
}

// A bulk request says in its one event how many codes it gave.
function generationsOf({ action, status, details }: CountedEvent): number {
  if (action !== 'otp_generate') return 0;
  return details.generations ?? (status === 'success' ? 1 : 0);
}

// A refused log-in is nobody's activity.
function activityOf({ user_id: userId, status, at }: CountedEvent): Activity | undefined {
  if (userId === undefined || status !== 'success') return undefined;
  return { day: utcDate(at), userId, hour: counts.hourOf(at) };
}

function lockMovesOf({ before, after }: Extract<Change, { kind: 'lock' }>) {
  if (before === after) return [];
  return [
    ...(before === undefined ? [] : [{ minute: counts.minuteOf(before), accounts: -1 }]),
    ...(after === undefined ? [] : [{ minute: counts.minuteOf(after), accounts: 1 }]),
  ];
}

function add<Name>(sums: Map<Name, number>, name: Name, amount: number): void {
  sums.set(name, (sums.get(name) ?? 0) + amount);
}
