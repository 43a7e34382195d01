import { exportAuditLogs } from '../../../shared/api/audit.ts';
import { callForText } from './client.ts';
import type { AuditFilter } from './list-audit-logs.ts';

/** The kinds of file that the audit trail comes as. */
export type AuditFormat = 'ndjson' | 'csv';

/** One page of the audit trail as the text of a file. */
export function exportAuditPage(
  filter: AuditFilter,
  format: AuditFormat,
  cursor: string | undefined,
  signal: AbortSignal,
) {
  return callForText(exportAuditLogs, { query: { ...filter, format } }, { signal, cursor });
}
