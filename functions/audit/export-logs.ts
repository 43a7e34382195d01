import type * as z from 'zod/mini';
import { type auditEntry, exportAuditLogs } from '../../shared/api/audit.ts';
import { csvRecord } from '../../shared/domain/csv.ts';
import { entryOf, readTrail } from '../../shared/flows/audit-trail.ts';
import { nextLink, readCursor } from '../../shared/http/cursor.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import type { Operation } from '../../shared/http/operation.ts';

/**
 * GET /audit/export: the trail as NDJSON or CSV. An export is counted and recorded with its first page; the pages that follow
 * show a cursor, which only a page before can have given.
 */
export const handler = endpoint(exportAuditLogs, ({ query }) => (query.cursor === undefined ? firstPage : laterPage));

type Export = Operation<typeof exportAuditLogs>;

const decide: Export['decide'] = async (known, facts) => {
  const { limit, format, cursor, ...filters } = known.query;
  const after = readCursor(exportAuditLogs, known);
  const { rows, next } = await readTrail(facts, { filters, after, skip: 0, count: limit });
  const entries = rows.map(entryOf);
  const isFirst = cursor === undefined;
  const { contentType, text } = format === 'csv' ? csv(entries, isFirst) : ndjson(entries);
  return {
    reply: text,
    contentType,
    headers: {
      'Content-Disposition': `attachment; filename="audit-${new Date(known.now).toISOString().slice(0, 10)}.${format}"`,
      ...nextLink(exportAuditLogs, known, next),
    },
    events: isFirst
      ? [{ action: 'audit_export', resource: 'system', status: 'success', details: { format, ...filters } }]
      : [],
  };
};

const firstPage: Export = { decide };
const laterPage: Export = { decide, rules: { who: 'admin', limit: undefined } };

type Entry = z.input<typeof auditEntry>;

function ndjson(entries: readonly Entry[]) {
  const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  return { contentType: 'application/x-ndjson', text };
}

const columns = [
  'timestamp',
  'user_id',
  'username',
  'action',
  'resource',
  'resource_id',
  'status',
  'ip_address',
  'user_agent',
  'request_id',
  'id',
  'details',
] as const satisfies readonly (keyof Entry)[];

// The names stand on the first page only, so that the pages one after the other are one file.
function csv(entries: readonly Entry[], isFirst: boolean) {
  const records = entries.map((entry) =>
    csvRecord(columns.map((column) => (column === 'details' ? JSON.stringify(entry.details) : entry[column]))),
  );
  return { contentType: 'text/csv', text: [...(isFirst ? [csvRecord(columns)] : []), ...records].join('') };
}
