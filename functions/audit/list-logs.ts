import { listAuditLogs } from '../../shared/api/audit.ts';
import { entryOf, readTrail } from '../../shared/flows/audit-trail.ts';
import { nextLink, readCursor } from '../../shared/http/cursor.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** GET /audit/logs: the trail of everybody or of one user, the newest first. Nothing of it is read before the caller is admitted. */
export const handler = endpoint(listAuditLogs, {
  decide: async (known, facts) => {
    const { limit, skip = 0, ...filters } = known.query;
    const after = readCursor(listAuditLogs, known);
    const { rows, next } = await readTrail(facts, { filters, after, skip, count: limit });
    return { reply: rows.map(entryOf), headers: nextLink(listAuditLogs, known, next) };
  },
});
