import * as z from 'zod/mini';
import { listRecentEvents } from '../../shared/api/otp-usage.ts';
import type { ReplyBody } from '../../shared/api/route.ts';
import * as events from '../../shared/data/events.ts';
import { walkEvents } from '../../shared/flows/walk-events.ts';
import { nextLink, readCursor } from '../../shared/http/cursor.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

const place = z.object({ before: z.string() });

/** GET /otp/events/recent: what was generated and validated last, of all configurations or of one. */
export const handler = endpoint(listRecentEvents, {
  decide: async (known, facts) => {
    const { caller, query } = known;
    const cursor = readCursor(listRecentEvents, known);
    const filter = query.config_id === undefined ? undefined : ofConfig(query.config_id);
    const { rows, next } = await walkEvents(facts, {
      strands: [(span) => events.ofUser(caller.user.id, 'otp', { ...span, ...(filter && { filter }) })],
      isFiltered: filter !== undefined,
      from: events.everPlaces.first,
      before: cursor === undefined ? events.everPlaces.last : place.parse(cursor).before,
      skip: 0,
      count: query.limit,
    });
    return {
      reply: rows.map((row) => answerOf(row, query.config_id)),
      headers: nextLink(listRecentEvents, known, next && { before: next.before }),
    };
  },
});

// A bulk request is one event, which names in the details the configurations that got a code, and those that did not.
function ofConfig(id: number): events.EventSpan['filter'] {
  const inBulk = ['#config_ids', '#refused'].map((list) => `contains(#details.${list}, :config_id)`);
  return {
    text: `(#resource_id = :resource_id OR ${inBulk.join(' OR ')})`,
    names: {
      '#resource_id': 'resource_id',
      '#details': 'details',
      '#config_ids': 'config_ids',
      '#refused': 'refused',
    },
    values: { ':resource_id': String(id), ':config_id': id },
  };
}

/** An event as its user sees it; where it was asked for one configuration, what it came to for that one. */
function answerOf(event: events.AuditEvent, configId: number | undefined): ReplyBody<typeof listRecentEvents>[number] {
  const ofBulk = event.resource_id === undefined;
  const refused = event.details['refused'];
  const isRefused = ofBulk && Array.isArray(refused) && refused.includes(configId);
  const isSuccess = event.status === 'success' && !isRefused;
  return {
    id: event.id,
    config_id: ofBulk ? (configId ?? null) : Number(event.resource_id),
    event_type: event.action === 'otp_generate' ? 'generate' : isSuccess ? 'validate_success' : 'validate_failure',
    is_success: isSuccess,
    ip_address: event.ip_address,
    user_agent: event.user_agent ?? null,
    timestamp: new Date(event.at).toISOString(),
  };
}
