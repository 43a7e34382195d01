import * as z from 'zod/mini';
import type { auditEntry } from '../api/audit.ts';
import * as events from '../data/events.ts';
import { auditShards } from '../data/table-map.ts';
import type { Facts } from '../http/facts.ts';
import { type EventPage, type Walk, walkEvents } from './walk-events.ts';

/** What an administrator asks of the trail. Instants are RFC 3339, both included. */
export interface TrailFilters {
  readonly user_id?: string | undefined;
  readonly action?: string | undefined;
  readonly status?: 'success' | 'failure' | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

const place = z.object({ before: z.string(), skip: z.number() });

/** Which part of the trail a page holds. */
export interface TrailPage {
  readonly filters: TrailFilters;
  /** Where the page before ended, as its cursor says. */
  readonly after: Readonly<Record<string, unknown>> | undefined;
  readonly skip: number;
  readonly count: number;
}

/** Reads a page of the audit trail, the newest first. What one request reads is bounded, however many events there are. */
export async function readTrail(facts: Facts, { filters, after, skip, count }: TrailPage): Promise<EventPage> {
  const { user_id: userId, since, until } = filters;
  const start = after === undefined ? undefined : place.parse(after);
  const page = await walkEvents(facts, {
    strands: userId === undefined ? shardStrands(filters) : userStrands(userId, filters),
    isFiltered: filters.action !== undefined || filters.status !== undefined,
    from: since === undefined ? events.everPlaces.first : events.placesAt(Date.parse(since)).first,
    before: start?.before ?? (until === undefined ? events.everPlaces.last : events.placesAt(Date.parse(until)).last),
    skip: start?.skip ?? skip,
    count,
  });
  // Tries at a name from before it was this user's are in the same partition.
  return userId === undefined ? page : { ...page, rows: page.rows.filter((row) => row.user_id === userId) };
}

/** An event as administrators see it. */
export function entryOf(event: events.AuditEvent): z.input<typeof auditEntry> {
  return {
    id: event.id,
    user_id: event.user_id ?? null,
    username: event.username ?? null,
    action: event.action,
    resource: event.resource,
    resource_id: event.resource_id ?? null,
    status: event.status,
    ip_address: event.ip_address,
    user_agent: event.user_agent ?? null,
    timestamp: new Date(event.at).toISOString(),
    request_id: event.request_id,
    details: event.details,
  };
}

function shardStrands(filters: TrailFilters): Walk['strands'] {
  const filter = filterOf(filters);
  return Array.from({ length: auditShards }, (_, shard) => (span: events.EventSpan) => {
    return events.ofShard(shard, { ...span, ...(filter && { filter }) });
  });
}

// An action is of one class: the other is not read for it.
function userStrands(userId: string, filters: TrailFilters): Walk['strands'] {
  const { action } = filters;
  const filter = filterOf(filters);
  const isAction = (name: string): name is events.Action => Object.hasOwn(events.actions, name);
  const classes =
    action === undefined ? (['otp', 'account'] as const) : isAction(action) ? [events.actions[action]] : [];
  return classes.map((kind) => (span: events.EventSpan) => {
    return events.ofUser(userId, kind, { ...span, ...(filter && { filter }) });
  });
}

function filterOf({ action, status }: TrailFilters): events.EventSpan['filter'] {
  const wanted = Object.entries({ action, status }).filter(([, value]) => value !== undefined);
  if (wanted.length === 0) return undefined;
  return {
    text: wanted.map(([name]) => `#${name} = :${name}`).join(' AND '),
    names: Object.fromEntries(wanted.map(([name]) => [`#${name}`, name])),
    values: Object.fromEntries(wanted.map(([name, value]) => [`:${name}`, value])),
  };
}
