import * as z from 'zod/mini';
import { absent, put, remove, unchanged, type Write } from './expression.ts';
import type { ItemRef } from './table.ts';
import { keyOf } from './table-map.ts';

const schema = z.object({ user_id: z.string() });

/** A claim on a name or an address: what makes it unique, and what the search by prefix finds. */
export type Claim = z.infer<typeof schema>;

/** Where the claim on a canonical e-mail address is. */
export function emailRef(canonicalEmail: string): ItemRef<Claim> {
  return { key: keyOf('EMAIL', canonicalEmail, 'CLAIM'), schema };
}

/** Claims an e-mail address for a user. */
export function claimEmail(canonicalEmail: string, userId: string): Write {
  const listing = { listing_pk: 'USERS#text', listing_sk: canonicalEmail };
  return put(keyOf('EMAIL', canonicalEmail, 'CLAIM'), { user_id: userId, ...listing }, absent, 'email_taken');
}

/** Gives an e-mail address up, if the user still has it. */
export function releaseEmail(canonicalEmail: string, userId: string): Write {
  return remove(keyOf('EMAIL', canonicalEmail, 'CLAIM'), unchanged('user_id', userId));
}

/** Makes a username findable by its beginning. */
export function claimUsername(canonicalUsername: string, userId: string): Write {
  const listing = { listing_pk: 'USERS#text', listing_sk: canonicalUsername };
  return put(keyOf('USERNAME', canonicalUsername, 'CLAIM'), { user_id: userId, ...listing }, absent, 'username_taken');
}
