import * as z from 'zod';
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
    return { reply: rows.map(answerOf), headers: nextLink(listRecentEvents, known, next && { before: next.before }) };
  },
});

// A bulk request is one event, which names its configurations in the details.
function ofConfig(id: number): events.EventSpan['filter'] {
  return {
    text: '(#resource_id = :resource_id OR contains(#details.#config_ids, :config_id))',
    names: { '#resource_id': 'resource_id', '#details': 'details', '#config_ids': 'config_ids' },
    values: { ':resource_id': String(id), ':config_id': id },
  };
}

function answerOf(event: events.AuditEvent): ReplyBody<typeof listRecentEvents>[number] {
  const isSuccess = event.status === 'success';
  return {
    id: event.id,
    config_id: event.resource_id === undefined ? null : Number(event.resource_id),
    event_type: event.action === 'otp_generate' ? 'generate' : isSuccess ? 'validate_success' : 'validate_failure',
    is_success: isSuccess,
    ip_address: event.ip_address,
    user_agent: event.user_agent ?? null,
    timestamp: new Date(event.at).toISOString(),
  };
}
