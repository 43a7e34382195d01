import * as z from 'zod/mini';
import { absent, all, exists, put, unchanged, update, type Write } from './expression.ts';
import type { ItemRef } from './table.ts';
import { type Key, keyOf } from './table-map.ts';

const schema = z.object({ password_hash: z.string(), changed_at: z.number() });

/** The proof of a user's password; read only where a password is checked. */
export type Credential = z.infer<typeof schema>;

function key(userId: string): Key {
  return keyOf('CREDENTIAL', userId, 'PASSWORD');
}

/** Where the credential of a user, or of a name that nobody has, is. */
export function ref(userId: string): ItemRef<Credential> {
  return { key: key(userId), schema };
}

/** Writes the credential of a new user. */
export function create(userId: string, credential: Credential): Write {
  return put(key(userId), credential, absent);
}

/** Replaces the password that was checked; with another change in between it is checked again. */
export function replace(userId: string, seen: Credential, passwordHash: string, now: number): Write {
  const stillTheSame = unchanged('password_hash', seen.password_hash);
  return update(key(userId), { set: { password_hash: passwordHash, changed_at: now } }, all(exists, stillTheSame));
}

/** Replaces the password whatever it was: an administrator's reset. */
export function reset(userId: string, passwordHash: string, now: number): Write {
  return update(key(userId), { set: { password_hash: passwordHash, changed_at: now } }, exists);
}
