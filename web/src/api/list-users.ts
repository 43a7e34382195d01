import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { listUsers } from '../../../shared/api/users.ts';
import type { RowOf } from './client.ts';
import { contractPages, contractQuery } from './contract-query.ts';

/** A user as administrators see them. */
export type UserForAdmin = RowOf<typeof listUsers>;

const pageSize = 25;
const suggestions = 8;

/** All users, the newest first; or those whose name or e-mail address begins with `search`. */
export function useListUsers(search: string | undefined) {
  const pages = contractPages(listUsers, { query: { limit: pageSize, search } });
  return useInfiniteQuery({ ...pages, placeholderData: keepPreviousData });
}

/** The few users that somebody who types a name may mean. */
export function useSuggestUsers(search: string | undefined) {
  return useQuery({
    ...contractQuery(listUsers, { query: { limit: suggestions, search } }),
    enabled: search !== undefined,
  });
}
