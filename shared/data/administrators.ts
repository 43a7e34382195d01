import * as z from 'zod/mini';
import { all, exists, setLargerThan, update, type Write } from './expression.ts';
import type { ItemRef } from './table.ts';
import { keyOf } from './table-map.ts';

const schema = z.object({ ids: z.set(z.string()) });

/** The active administrators: one item, so that “the last one stays” is the condition of a write. */
export type Roster = z.infer<typeof schema>;

const key = keyOf('ROSTER', 'admins', 'ROSTER');

/** Where the roster is. */
export function ref(): ItemRef<Roster> {
  return { key, schema };
}

/** Adds an active administrator. */
export function enlist(userId: string): Write {
  return update(key, { add: { ids: new Set([userId]) } });
}

/** Takes one off who is demoted or disabled; the last one stays. */
export function dismiss(userId: string): Write {
  const anotherRemains = setLargerThan('ids', 1);
  return update(key, { without: { ids: new Set([userId]) } }, all(exists, anotherRemains), 'last_administrator');
}
