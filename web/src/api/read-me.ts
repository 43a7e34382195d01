import { useQuery } from '@tanstack/react-query';
import type { ReplyBody } from '../../../shared/api/route.ts';
import { readMe } from '../../../shared/api/users.ts';
import { contractQuery } from './contract-query.ts';

/** A user as users see themselves. */
export type Me = ReplyBody<typeof readMe>;

/** The person who is logged in. */
export const readMeQuery = contractQuery(readMe, {});

/** The person who is logged in. */
export function useReadMe() {
  return useQuery(readMeQuery);
}
