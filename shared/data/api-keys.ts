import * as z from 'zod/mini';
import { scopes } from '../api/route.ts';
import { apiKey as policy } from '../domain/policy.ts';
import { absent, exists, put, remove as removeItem, update, type Write } from './expression.ts';
import type { ItemRef, RangeRef } from './table.ts';
import { type Key, keyOf, partitionOf } from './table-map.ts';

const schema = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  config_ids: z.optional(z.array(z.number())),
  secret_hash: z.string(),
  expires_at: z.optional(z.number()),
  created_at: z.number(),
  last_used_at: z.optional(z.number()),
});

/** An API key: what it may do, and the hash of its secret. */
export type ApiKey = z.infer<typeof schema>;

function key(userId: string, id: string): Key {
  return keyOf('APIKEY', userId, id);
}

/** Where a user's key is. */
export function ref(userId: string, id: string): ItemRef<ApiKey> {
  return { key: key(userId, id), schema };
}

/** A user's keys. */
export function range(userId: string): RangeRef<ApiKey> {
  return { partition: partitionOf('APIKEY', userId), schema };
}

/** Whether a key still counts at `now`. */
export function isAlive(apiKey: ApiKey, now: number): boolean {
  return apiKey.expires_at === undefined || now < apiKey.expires_at;
}

/** Writes a new key. One that has expired stays until its owner deletes it: the meter counts what is there. */
export function create(userId: string, apiKey: ApiKey): Write {
  return put(key(userId, apiKey.id), apiKey, absent);
}

/** Whether the last use is so long ago that it is written again. */
export function touchIsDue(apiKey: ApiKey, now: number): boolean {
  return apiKey.last_used_at === undefined || now >= apiKey.last_used_at + policy.touchSeconds * 1000;
}

/** Notes, to the hour, that a key was used; one that was deleted meanwhile stays deleted. */
export function touch(userId: string, apiKey: ApiKey, now: number): Write {
  return update(key(userId, apiKey.id), { set: { last_used_at: now } }, exists, 'authentication_required');
}

/** Deletes a key. */
export function remove(userId: string, id: string): Write {
  return removeItem(key(userId, id), exists, 'api_key_not_found');
}
