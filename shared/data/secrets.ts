import * as z from 'zod/mini';
import { absent, all, exists, put, remove as removeItem, unchanged, update, type Write } from './expression.ts';
import { bytes } from './stored.ts';
import type { ItemRef, RangeRef } from './table.ts';
import { type Key, keyOf, partitionOf, sortableId } from './table-map.ts';

const schema = z.object({
  id: z.number(),
  sealed: bytes,
  created_at: z.number(),
});

/** A configuration's secret, sealed. An item of its own, so that what lists configurations cannot even read ciphertext. */
export type SealedSecret = z.infer<typeof schema>;

function key(userId: string, id: number): Key {
  return keyOf('SECRET', userId, sortableId(id));
}

/** Where the secret of a user's configuration is. */
export function ref(userId: string, id: number): ItemRef<SealedSecret> {
  return { key: key(userId, id), schema };
}

/** A user's sealed secrets by id. */
export function range(userId: string, options: Pick<RangeRef, 'limit' | 'after'> = {}): RangeRef<SealedSecret> {
  return { partition: partitionOf('SECRET', userId), schema, ...options };
}

/** Writes the secret of a new configuration. */
export function create(userId: string, secret: SealedSecret): Write {
  return put(key(userId, secret.id), secret, absent);
}

/** Puts the same secret in its place, sealed anew; a change in between wins. */
export function reseal(userId: string, secret: SealedSecret, sealed: Uint8Array): Write {
  return update(key(userId, secret.id), { set: { sealed } }, all(exists, unchanged('sealed', secret.sealed)));
}

/** Destroys a secret. */
export function destroy(userId: string, id: number): Write {
  return removeItem(key(userId, id));
}
