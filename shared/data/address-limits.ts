import * as z from 'zod/mini';
import type { LimitName } from '../domain/policy.ts';
import { update, type Write } from './expression.ts';
import { type LimitSpending, spend } from './meters.ts';
import type { ItemRef } from './table.ts';
import { keyOf } from './table-map.ts';

const schema = z.catchall(z.object({}), z.unknown());

/** What a client address has spent of a limit; for callers that nobody knows yet. */
export type AddressLimit = z.infer<typeof schema>;

// Longer than any limit's window.
const keptSeconds = 86_400;

/** Where the use of a limit by an address is. */
export function ref(address: string, name: LimitName): ItemRef<AddressLimit> {
  return { key: keyOf('LIMIT', address, name), schema };
}

/** Spends one. */
export function spendOne(address: string, spending: LimitSpending): Write {
  const { set, add, when } = spend(spending);
  const ttl = Math.ceil(spending.now / 1000) + keptSeconds;
  return update(keyOf('LIMIT', address, spending.name), { set: { ...set, ttl }, add }, when);
}
