import * as z from 'zod/mini';
import { absentOrAtMost, put, type Write } from './expression.ts';
import { bytes } from './stored.ts';
import type { ItemRef } from './table.ts';
import { type Key, keyOf } from './table-map.ts';

const schema = z.object({
  operation: z.string(),
  /** Of the request's body, keyed by the client's own key: the table holds no hash of a password that could be tried. */
  digest: z.string(),
  status: z.number(),
  body: z.optional(z.string()),
  /** Instead of `body` where it is long: compressed. */
  packed: z.optional(bytes),
  sealed: z.optional(bytes),
  expires_at: z.number(),
});

/** The answer that was given to an Idempotency-Key. */
export type KeptAnswer = z.infer<typeof schema>;

/** Where the answer to a caller's key is; callers that nobody knows share one partition. */
export function ref(userId: string | undefined, storedKey: string): ItemRef<KeptAnswer> {
  return { key: key(userId, storedKey), schema };
}

function key(userId: string | undefined, storedKey: string): Key {
  return keyOf('IDEM', userId ?? 'anonymous', storedKey);
}

/** Keeps an answer, in the transaction of what it tells. Of two requests with one key the second decides again, and finds it. */
export function keep(userId: string | undefined, storedKey: string, answer: KeptAnswer, now: number): Write {
  const freeOrExpired = absentOrAtMost('expires_at', now);
  return put(key(userId, storedKey), { ...answer, ttl: Math.ceil(answer.expires_at / 1000) }, freeOrExpired);
}
