import { useQuery } from '@tanstack/react-query';
import { readUser } from '../../../shared/api/users.ts';
import { contractQuery } from './contract-query.ts';

/** One user, for administrators. */
export function useReadUser(userId: string | undefined) {
  return useQuery({ ...contractQuery(readUser, { params: { user_id: userId ?? '' } }), enabled: userId !== undefined });
}
