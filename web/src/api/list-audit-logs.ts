import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { listAuditLogs } from '../../../shared/api/audit.ts';
import type { RowOf } from './client.ts';
import { contractPages } from './contract-query.ts';

/** One entry of the audit trail. */
export type AuditEntry = RowOf<typeof listAuditLogs>;

/** Which entries to list; times as RFC 3339. */
export interface AuditFilter {
  readonly user_id?: string | undefined;
  readonly action?: string | undefined;
  readonly status?: 'success' | 'failure' | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

const pageSize = 50;

/** The audit trail, the newest first. */
export function useListAuditLogs(filter: AuditFilter) {
  const pages = contractPages(listAuditLogs, { query: { ...filter, limit: pageSize } });
  return useInfiniteQuery({ ...pages, placeholderData: keepPreviousData });
}
