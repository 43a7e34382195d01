import * as z from 'zod/mini';
import { page, timeline } from '../domain/policy.ts';
import { cursor, docs, instant, pageLimit, skip, userId } from './fields.ts';
import { route } from './route.ts';

/** One entry of the audit trail. */
export const auditEntry = z
  .object({
    id: z.string(),
    user_id: z.nullable(userId),
    username: z.nullable(z.string()),
    action: z.string(),
    resource: z.string(),
    resource_id: z.nullable(z.string()),
    status: z.enum(['success', 'failure']),
    ip_address: z.string(),
    user_agent: z.nullable(z.string()),
    timestamp: instant,
    request_id: z.string(),
    details: z.record(z.string(), z.unknown()),
  })
  .register(docs, { id: 'AuditLogResponse' });

const filters = {
  user_id: z.optional(userId),
  action: z.optional(z.string().check(z.regex(/^[a-z_]{1,40}$/, 'Not an action'))),
  status: z.optional(z.enum(['success', 'failure'])),
  since: z.optional(instant).register(docs, { description: 'The first instant, included' }),
  until: z.optional(instant).register(docs, { description: 'The last instant, included' }),
};

export const listAuditLogs = route({
  operation: 'audit/list-logs',
  method: 'GET',
  path: '/audit/logs',
  summary: 'The audit trail, the newest first',
  description:
    'The work of one request is bounded: where a filter leaves out nearly everything a page may be short, or empty, and its “Link” header still leads on.',
  who: 'admin',
  query: z.strictObject({ skip, limit: pageLimit, cursor, ...filters }),
  reply: { status: 200, description: 'Entries', schema: z.array(auditEntry) },
  problems: ['malformed_cursor'],
});

export const readTimeline = route({
  operation: 'audit/read-timeline',
  method: 'GET',
  path: '/audit/timeline',
  summary: 'Events by the hour, seconds behind',
  who: 'admin',
  query: z.strictObject({
    hours: z._default(
      z.coerce.number().check(z.int(), z.minimum(timeline.hours.min), z.maximum(timeline.hours.max)),
      timeline.hours.default,
    ),
  }),
  reply: {
    status: 200,
    description: 'Hours, the oldest first',
    schema: z.array(
      z.object({
        hour: instant.check(z.meta({ description: 'When it begins' })),
        success: z.int(),
        failure: z.int(),
        actions: z.record(z.string(), z.int()).register(docs, { description: 'How often each action was tried' }),
      }),
    ),
  },
  problems: [],
});

export const exportAuditLogs = route({
  operation: 'audit/export-logs',
  method: 'GET',
  path: '/audit/export',
  summary: 'The audit trail as a file, page by page',
  description:
    'The pages one after the other are one file: the names of the columns stand on the first page. Only first pages count towards the limit. Text that a spreadsheet would take for a formula has an apostrophe before it.',
  who: 'admin',
  limit: 'audit_export',
  query: z.strictObject({
    format: z._default(z.enum(['ndjson', 'csv']), 'ndjson'),
    limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(page.exportRows)), page.exportRows),
    cursor,
    ...filters,
  }),
  reply: {
    status: 200,
    description: 'Entries, the newest first',
    schema: z.string(),
    contentType: ['application/x-ndjson', 'text/csv'],
  },
  problems: ['malformed_cursor'],
});
