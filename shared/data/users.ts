import * as z from 'zod/mini';
import { account, session } from '../domain/policy.ts';
import { absent, all, exists, put, unchanged, update, type Write } from './expression.ts';
import type { ItemRef } from './table.ts';
import { type Key, keyOf } from './table-map.ts';

const schema = z.object({
  id: z.string(),
  username: z.string(),
  email: z.string(),
  is_active: z.boolean(),
  is_admin: z.boolean(),
  mfa_enabled: z.boolean(),
  last_login_at: z.optional(z.number()),
  department: z.optional(z.string()),
  job_title: z.optional(z.string()),
  access_level: z.number(),
  session_timeout: z.number(),
  must_change_password: z.boolean(),
  /** Of a password that somebody else set: good for one log-in, and after that for its own change alone. */
  temporary_password: z.optional(z.enum(['unused', 'used'])),
  /** Sessions of another generation are over: raising it ends all at once, however many there are. */
  session_generation: z.number(),
  created_at: z.number(),
});

/** An account, without anything that proves who one is: password and MFA are items of their own. */
export type User = z.infer<typeof schema>;

function key(userId: string): Key {
  return keyOf('USER', userId, 'PROFILE');
}

/** Where a user is. */
export function ref(userId: string): ItemRef<User> {
  return { key: key(userId), schema };
}

/** What a change of a user sets; `null` clears a field. */
export type UserChange = { readonly [Field in keyof User]?: User[Field] | null | undefined };

/** A new user as `registerUser` begins one. */
export function begin(
  facts: Pick<User, 'id' | 'username' | 'email' | 'department' | 'job_title' | 'created_at'>,
): User {
  return {
    ...facts,
    is_active: true,
    is_admin: false,
    mfa_enabled: false,
    access_level: account.accessLevel.min,
    session_timeout: session.idleMinutes.default,
    must_change_password: false,
    session_generation: 0,
  };
}

/** Writes a new user; the id follows from the name, so a taken id is a taken name. */
export function create(user: User): Write {
  const listing = { listing_pk: 'USERS#created', listing_sk: `${new Date(user.created_at).toISOString()}#${user.id}` };
  return put(key(user.id), { ...user, user_id: user.id, ...listing }, absent, 'username_taken');
}

/** Changes fields of a user. Where the decision rests on other fields, `seen` holds it to them: else it is made again. */
export function change(userId: string, fields: UserChange, seen: Partial<User> = {}): Write {
  const cleared = Object.entries(fields).flatMap(([field, value]) => (value === null ? [field] : []));
  const set = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
  const stillAsSeen = Object.entries(seen).map(([field, value]) => unchanged(field, value));
  return update(key(userId), { set, remove: cleared }, all(exists, ...stillAsSeen));
}

/** Changes fields of a user and ends every session that is not moved to the new generation in the same commit. */
export function changeAndEndSessions(user: User, fields: UserChange, seen: Partial<User> = {}): Write {
  const { session_generation } = user;
  return change(user.id, { ...fields, session_generation: session_generation + 1 }, { ...seen, session_generation });
}

/** The user as a change leaves it. */
export function changed(user: User, fields: UserChange): User {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined);
  const after = Object.entries({ ...user, ...Object.fromEntries(set) }).filter(([, value]) => value !== null);
  return schema.parse(Object.fromEntries(after));
}
