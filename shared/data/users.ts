import * as z from 'zod';
import { account, session } from '../domain/policy.ts';
import { absent, exists, put, update, type Write } from './expression.ts';
import type { ItemRef } from './table.ts';
import { type Key, keyOf } from './table-map.ts';

const schema = z.object({
  id: z.string(),
  username: z.string(),
  email: z.string(),
  is_active: z.boolean(),
  is_admin: z.boolean(),
  mfa_enabled: z.boolean(),
  last_login_at: z.number().optional(),
  department: z.string().optional(),
  job_title: z.string().optional(),
  access_level: z.number(),
  session_timeout: z.number(),
  must_change_password: z.boolean(),
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
  };
}

/** Writes a new user; the id follows from the name, so a taken id is a taken name. */
export function create(user: User): Write {
  const listing = { listing_pk: 'USERS#created', listing_sk: `${new Date(user.created_at).toISOString()}#${user.id}` };
  return put(key(user.id), { ...user, user_id: user.id, ...listing }, absent, 'username_taken');
}

/** Changes fields of a user; `null` clears one. */
export function change(
  userId: string,
  fields: { readonly [Field in keyof User]?: User[Field] | null | undefined },
): Write {
  const cleared = Object.entries(fields).flatMap(([field, value]) => (value === null ? [field] : []));
  const set = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
  return update(key(userId), { set, remove: cleared }, exists);
}
