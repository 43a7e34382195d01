import * as z from 'zod/mini';
import { put, type Write } from './expression.ts';
import type { RangeRef } from './table.ts';
import { auditShards, keyOf, partitionOf } from './table-map.ts';

/** Everything that is recorded, and the class by which a user's OTP events are found among the others. */
export const actions = {
  otp_generate: 'otp',
  otp_validate: 'otp',
  config_create: 'account',
  config_update: 'account',
  config_delete: 'account',
  config_resync: 'account',
  config_reveal: 'account',
  config_unlock: 'account',
  config_import: 'account',
  config_export: 'account',
  user_create: 'account',
  user_update: 'account',
  user_unlock: 'account',
  login: 'account',
  logout: 'account',
  refresh_reuse: 'account',
  step_up: 'account',
  session_end: 'account',
  password_change: 'account',
  password_reset: 'account',
  mfa_setup: 'account',
  mfa_enable: 'account',
  mfa_disable: 'account',
  mfa_reset: 'account',
  recovery_codes_create: 'account',
  api_key_create: 'account',
  api_key_delete: 'account',
  access_denied: 'account',
  audit_export: 'account',
} as const;

export type Action = keyof typeof actions;

const actionNames = Object.keys(actions).filter((name): name is Action => name in actions);

const schema = z.object({
  id: z.string(),
  /** Absent where nobody was recognised: a log-in to a name that nobody has. */
  user_id: z.optional(z.string()),
  username: z.optional(z.string()),
  action: z.enum(actionNames),
  resource: z.enum(['user', 'otp_config', 'session', 'api_key', 'system']),
  resource_id: z.optional(z.string()),
  status: z.enum(['success', 'failure']),
  ip_address: z.string(),
  user_agent: z.optional(z.string()),
  at: z.number(),
  request_id: z.string(),
  details: z.record(z.string(), z.unknown()),
});

/** One line of the audit trail. Never changed, never deleted; never a code, secret, token or password. */
export type AuditEvent = z.infer<typeof schema>;

/** Puts an event where its user's readers and everybody's find it. */
export function record(partitionUserId: string, event: AuditEvent, keptDays: number): Write {
  const place = placeOf(event);
  const shard = event.id.charCodeAt(0) % auditShards;
  return put(
    keyOf('EVENT', partitionUserId, `${actions[event.action]}#${place}`),
    {
      ...event,
      audit_pk: shardPartition(shard),
      audit_sk: place,
      ttl: Math.ceil(event.at / 1000) + keptDays * 86_400,
    },
    undefined,
  );
}

/** Where an event stands in time: no two share a place, and the order of text is the order of time. */
export function placeOf({ at, id }: Pick<AuditEvent, 'at' | 'id'>): string {
  return `${new Date(at).toISOString()}#${id}`;
}

/** The first and the last place that an instant can have. */
export function placesAt(instant: number): { readonly first: string; readonly last: string } {
  const text = new Date(instant).toISOString();
  // Ids are of a–z and 2–7.
  return { first: `${text}#`, last: `${text}#~` };
}

/** Before the first and after the last event of all. */
export const everPlaces = { first: '0', last: '~' } as const;

/** The place of the row at which a page of events ended. */
export function placeOfKey(lastEvaluated: Readonly<Record<string, unknown>>): string {
  const { audit_sk: inIndex, sk: inTable } = lastEvaluated;
  const place = inIndex ?? (typeof inTable === 'string' ? inTable.slice(inTable.indexOf('#') + 1) : undefined);
  if (typeof place !== 'string') throw new Error('a page of events ended at no event');
  return place;
}

/** Which of the events: between two places, both included; the newest first. */
export interface EventSpan extends Pick<RangeRef, 'limit' | 'filter'> {
  readonly from: string;
  readonly to: string;
}

/** A user's events of one class. */
export function ofUser(
  userId: string,
  kind: 'otp' | 'account',
  { from, to, ...rest }: EventSpan,
): RangeRef<AuditEvent> {
  const between = [`${kind}#${from}`, `${kind}#${to}`] as const;
  return { partition: partitionOf('EVENT', userId), schema, between, newestFirst: true, ...rest };
}

/** The events of one shard: everybody's are in all shards together. */
export function ofShard(shard: number, { from, to, ...rest }: EventSpan): RangeRef<AuditEvent> {
  return { partition: shardPartition(shard), index: 'audit', schema, between: [from, to], newestFirst: true, ...rest };
}

function shardPartition(shard: number): string {
  return `AUDIT#${shard}`;
}
