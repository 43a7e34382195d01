import { useQuery } from '@tanstack/react-query';
import type { ReplyBody } from '../../../shared/api/route.ts';
import { listSessions } from '../../../shared/api/users.ts';
import { contractQuery } from './contract-query.ts';

/** One live session. */
export type Session = ReplyBody<typeof listSessions>[number];

/** The live sessions of the person, the newest first. */
export const listSessionsQuery = contractQuery(listSessions, {});

/** The live sessions of the person, the newest first. */
export function useListSessions() {
  return useQuery(listSessionsQuery);
}
