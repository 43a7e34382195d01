import * as z from 'zod/mini';
import { account } from '../domain/policy.ts';
import type { RangeRef } from './table.ts';

const schema = z.object({
  pk: z.string(),
  sk: z.string(),
  listing_pk: z.string(),
  listing_sk: z.string(),
  user_id: z.string(),
});

/** A row of the index of users: who it leads to, and its own key, from which a list goes on. */
export type ListedUser = z.infer<typeof schema>;

/** Users by creation, the newest first. */
export function byCreation(options: Pick<RangeRef, 'limit' | 'after'>): RangeRef<ListedUser> {
  return { partition: 'USERS#created', index: 'listing', schema, newestFirst: true, ...options };
}

/** Users whose canonical name or e-mail address begins with a text, by name and address. */
export function byBeginning(text: string, options: Pick<RangeRef, 'limit' | 'after'>): RangeRef<ListedUser> {
  // A sort key has at most 1,024 bytes, and a character may fold to eighteen. No name or address is as long as what is left here.
  const beginsWith = text.slice(0, account.emailLength + 1);
  return { partition: 'USERS#text', index: 'listing', schema, beginsWith, ...options };
}

/** Whether a row stands for its user's e-mail address; else for the name. */
export function isByEmail(row: ListedUser): boolean {
  return row.pk.startsWith('EMAIL#');
}
