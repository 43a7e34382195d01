import { entities } from '../../shared/data/table-map.ts';
import { isRecord } from '../local/json.ts';
import type { openRawTable, RawItem } from './raw-table.ts';

/** What stands in some partitions, by key. */
export type Snapshot = ReadonlyMap<string, RawItem>;

// Of everybody, not of one owner.
const shared = ['ROSTER', 'KEYRING', 'COUNT'];

/** All that is kept of these owners: ids of users, names and addresses that are claimed. */
export async function snapshotOf(
  table: ReturnType<typeof openRawTable>,
  owners: readonly string[],
): Promise<Map<string, RawItem>> {
  const own = entities.filter((entity) => !shared.includes(entity));
  const partitions = await Promise.all(owners.flatMap((owner) => own.map((entity) => table.all(`${entity}#${owner}`))));
  return new Map(partitions.flat().map((item) => [`${item['pk']}|${item['sk']}`, item]));
}

/**
 * What happened between two snapshots, without what differs from run to run: ids, instants, texts, bytes. Two runs of the same
 * request have the same effects, so one that a fault disturbed is compared with one that none did. The windows of limits are left
 * out, which begin anew every second where limits are generous.
 */
export function effectsBetween(before: Snapshot, after: Snapshot): string[] {
  const effects: string[] = [];
  for (const [key, item] of after) {
    const old = before.get(key);
    if (old === undefined) effects.push(`puts ${entityOf(key)} ${JSON.stringify(outline(item))}`);
    else effects.push(...changesOf(key, old, item));
  }
  for (const key of before.keys()) if (!after.has(key)) effects.push(`deletes ${entityOf(key)}`);
  return effects.sort();
}

function changesOf(key: string, before: RawItem, after: RawItem): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(isLasting);
  const moved = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return moved.map((name) => `changes ${entityOf(key)} ${undated(name)}: ${difference(before[name], after[name])}`);
}

function difference(before: unknown, after: unknown): string {
  if (isCount(before ?? 0) && isCount(after ?? 0)) return `by ${Number(after ?? 0) - Number(before ?? 0)}`;
  return `${JSON.stringify(outline(before))} to ${JSON.stringify(outline(after))}`;
}

/** Attributes whose text is a word of the service's own, the same in every run. */
const words = ['action', 'status', 'resource', 'operation', 'reason', 'result', 'otp_type', 'algorithm', 'format'];

function outline(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return words.includes(name) ? value : 'text';
  if (typeof value === 'number') return isCount(value) ? value : 'instant';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Set) return `${value.size} of a set`;
  if (Array.isArray(value)) return value.map((one) => outline(one));
  if (!isRecord(value)) return value ?? null;
  const lasting = Object.entries(value).filter(([name]) => isLasting(name));
  return Object.fromEntries(lasting.map(([inner, one]) => [undated(inner), outline(one, inner)]).sort());
}

const isCount = (value: unknown) => typeof value === 'number' && Math.abs(value) < 1_000_000;
const isLasting = (name: string) => !name.startsWith('limit_') && name !== 'ttl';
const undated = (name: string) => name.replace(/\d{4}-\d\d-\d\d/, 'today');
const entityOf = (key: string) => key.slice(0, key.indexOf('#'));
