import * as z from 'zod';
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
  user_id: z.string().optional(),
  username: z.string().optional(),
  action: z.enum(actionNames),
  resource: z.enum(['user', 'otp_config', 'session', 'api_key', 'system']),
  resource_id: z.string().optional(),
  status: z.enum(['success', 'failure']),
  ip_address: z.string(),
  user_agent: z.string().optional(),
  at: z.number(),
  request_id: z.string(),
  details: z.record(z.string(), z.unknown()),
});

/** One line of the audit trail. Never changed, never deleted; never a code, secret, token or password. */
export type AuditEvent = z.infer<typeof schema>;

/** Puts an event where its user's and its hour's readers find it. */
export function record(partitionUserId: string, event: AuditEvent, keptDays: number): Write {
  const instant = new Date(event.at).toISOString();
  const place = `${instant}#${event.id}`;
  const shard = event.id.charCodeAt(0) % auditShards;
  return put(
    keyOf('EVENT', partitionUserId, `${actions[event.action]}#${place}`),
    {
      ...event,
      audit_pk: hourPartition(instant.slice(0, 13), shard),
      audit_sk: place,
      ttl: Math.ceil(event.at / 1000) + keptDays * 86_400,
    },
    undefined,
  );
}

/** The index partition of an hour's shard; the hour as `2026-01-31T12`. */
export function hourPartition(hour: string, shard: number): string {
  return `AUDIT#${hour}#${shard}`;
}

/** A user's events of one class, the newest first. */
export function ofUser(
  userId: string,
  options: { class: 'otp' | 'account' } & Pick<RangeRef, 'limit' | 'after' | 'filter'>,
): RangeRef<AuditEvent> {
  const { class: kind, ...rest } = options;
  return { partition: partitionOf('EVENT', userId), schema, beginsWith: `${kind}#`, newestFirst: true, ...rest };
}

/** The events of one shard of an hour between two instants, the newest first. */
export function ofHour(
  hour: string,
  shard: number,
  options: Pick<RangeRef, 'limit' | 'after' | 'filter' | 'between'> = {},
): RangeRef<AuditEvent> {
  return { partition: hourPartition(hour, shard), index: 'audit', schema, newestFirst: true, ...options };
}
