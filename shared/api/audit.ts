import * as z from 'zod';
import { page, timeline } from '../domain/policy.ts';
import { cursor, instant, pageLimit, skip, userId } from './fields.ts';
import { route } from './route.ts';

/** One entry of the audit trail. */
export const auditEntry = z
  .object({
    id: z.string(),
    user_id: userId.nullable(),
    username: z.string().nullable(),
    action: z.string(),
    resource: z.string(),
    resource_id: z.string().nullable(),
    status: z.enum(['success', 'failure']),
    ip_address: z.string(),
    user_agent: z.string().nullable(),
    timestamp: instant,
    request_id: z.string(),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditLogResponse' });

const filters = {
  user_id: userId.optional(),
  action: z
    .string()
    .regex(/^[a-z_]{1,40}$/, 'Not an action')
    .optional(),
  status: z.enum(['success', 'failure']).optional(),
  since: instant.optional().meta({ description: 'The first instant, included' }),
  until: instant.optional().meta({ description: 'The last instant, included' }),
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
    hours: z.coerce.number().int().min(timeline.hours.min).max(timeline.hours.max).default(timeline.hours.default),
  }),
  reply: {
    status: 200,
    description: 'Hours, the oldest first',
    schema: z.array(
      z.object({
        hour: instant.meta({ description: 'When it begins' }),
        success: z.int(),
        failure: z.int(),
        actions: z.record(z.string(), z.int()).meta({ description: 'How often each action was tried' }),
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
    format: z.enum(['ndjson', 'csv']).default('ndjson'),
    limit: z.coerce.number().int().min(1).max(page.exportRows).default(page.exportRows),
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
