import * as z from 'zod';
import { otp, request } from '../domain/policy.ts';
import {
  accountName,
  algorithm,
  configId,
  configIdText,
  configName,
  counter,
  cursor,
  digits,
  flagText,
  instant,
  interval,
  issuer,
  lookAhead,
  message,
  otpCode,
  otpType,
  pageLimit,
  search,
  window,
} from './fields.ts';
import type { FieldError } from './problems.ts';
import { route } from './route.ts';

/** A configuration as its owner sees it: never the secret. */
export const otpConfig = z
  .object({
    id: configId,
    name: z.string(),
    otp_type: otpType,
    algorithm,
    digits,
    interval: interval.optional().meta({ description: 'Seconds of a time step; TOTP only' }),
    counter: counter.optional().meta({ description: 'The next counter; HOTP only' }),
    issuer: z.string(),
    account: z.string(),
    window: window.optional().meta({ description: 'Steps tolerated on either side; TOTP only' }),
    look_ahead: lookAhead.optional().meta({ description: 'Counters tolerated ahead; HOTP only' }),
    is_active: z.boolean(),
    locked_until: instant.nullable().meta({
      description: 'Set while wrong guesses make further tries wait; year 9999: until it is unlocked',
    }),
    created_at: instant,
    updated_at: instant,
    last_used_at: instant.nullable(),
  })
  .meta({ id: 'OTPConfigResponse' });

/** The secret in its three forms. */
export const secretForms = z.object({
  secret: z.string().meta({ description: 'Base32, without padding' }),
  otpauth_uri: z.string(),
  qr_svg: z.string(),
});

const typeOnly = {
  totp: ['interval', 'window'],
  hotp: ['counter', 'look_ahead'],
} as const;

/** The errors of a request that has fields which only the other type has. */
export function otherTypeErrors(type: 'totp' | 'hotp', body: Readonly<Record<string, unknown>>): FieldError[] {
  const given = typeOnly[type === 'totp' ? 'hotp' : 'totp'].filter((field) => body[field] !== undefined);
  return given.map((path) => ({ path, message: `Not a field of ${type.toUpperCase()}` }));
}
const ownedByUri = ['otp_type', 'algorithm', 'digits', 'interval', 'counter', 'issuer', 'account', 'secret'] as const;

export const newConfig = z
  .strictObject({
    name: configName.optional(),
    otp_type: otpType.optional(),
    algorithm: algorithm.optional(),
    digits: digits.optional(),
    interval: interval.optional(),
    counter: counter.optional(),
    issuer: issuer.optional(),
    account: accountName.optional(),
    window: window.optional(),
    look_ahead: lookAhead.optional(),
    secret: z.string().max(512).optional().meta({ description: 'An existing secret, base32; else a new one is made' }),
    otpauth_uri: z.string().max(otp.uriLength).optional().meta({ description: 'An existing secret as otpauth URI' }),
    allow_short_secret: z.boolean().optional().meta({ description: 'Take an existing secret of 10 to 15 bytes' }),
  })
  .superRefine((body, context) => {
    const refuse = (path: string, text: string) => context.addIssue({ code: 'custom', path: [path], message: text });
    if (body.otpauth_uri !== undefined) {
      for (const field of ownedByUri)
        if (body[field] !== undefined) refuse(field, 'Comes from otpauth_uri; leave it out');
      return;
    }
    if (body.name === undefined) refuse('name', 'Required');
    if (body.otp_type === undefined) return refuse('otp_type', 'Required');
    for (const { path, message } of otherTypeErrors(body.otp_type, body)) refuse(path, message);
  })
  .meta({ id: 'OTPConfigCreate' });

export const createConfig = route({
  operation: 'otp/create-config',
  method: 'POST',
  path: '/otp/configs',
  summary: 'Create a configuration, with a new secret or an existing one',
  who: 'user',
  limit: 'config_create',
  body: newConfig,
  reply: {
    status: 201,
    description: 'The configuration with its secret, this once',
    schema: otpConfig.extend(secretForms.shape),
  },
  problems: ['too_many_configs'],
  idempotency: 'sealed-otp',
});

export const listConfigs = route({
  operation: 'otp/list-configs',
  method: 'GET',
  path: '/otp/configs',
  summary: 'One’s configurations, by id',
  who: 'user',
  scope: 'otp:configs:read',
  query: z.strictObject({ limit: pageLimit, cursor, search, is_active: flagText }),
  reply: { status: 200, description: 'Configurations', schema: z.array(otpConfig) },
  problems: ['malformed_cursor'],
});

const configInPath = z.object({ config_id: configIdText });

export const readConfig = route({
  operation: 'otp/read-config',
  method: 'GET',
  path: '/otp/configs/{config_id}',
  summary: 'One configuration',
  who: 'user',
  scope: 'otp:configs:read',
  params: configInPath,
  reply: { status: 200, description: 'The configuration', schema: otpConfig },
  problems: ['config_not_found'],
});

export const changeConfig = route({
  operation: 'otp/change-config',
  method: 'PATCH',
  path: '/otp/configs/{config_id}',
  summary: 'Change what may change; parameters of the secret may not',
  who: 'user',
  limit: 'config_change',
  params: configInPath,
  body: z.strictObject({
    name: configName.optional(),
    issuer: issuer.optional(),
    account: accountName.optional(),
    is_active: z.boolean().optional(),
    window: window.optional(),
    look_ahead: lookAhead.optional(),
  }),
  reply: { status: 200, description: 'The configuration', schema: otpConfig },
  problems: ['config_not_found'],
});

export const deleteConfig = route({
  operation: 'otp/delete-config',
  method: 'DELETE',
  path: '/otp/configs/{config_id}',
  summary: 'Delete a configuration; its secret is destroyed at once',
  who: 'user',
  limit: 'config_change',
  params: configInPath,
  reply: { status: 200, description: 'Deleted', schema: message },
  problems: ['config_not_found'],
});

export const resyncConfig = route({
  operation: 'otp/resync-config',
  method: 'POST',
  path: '/otp/configs/{config_id}/resync',
  summary: 'Resynchronise with two consecutive codes (RFC 4226 §7.4)',
  who: 'user',
  limit: 'resync',
  params: configInPath,
  body: z.strictObject({ code1: otpCode, code2: otpCode }),
  reply: {
    status: 200,
    description: 'Resynchronised',
    schema: z.object({
      message: z.string(),
      counter: counter.optional(),
      drift_steps: z.int().optional().meta({ description: 'Steps by which the device is ahead (or behind, negative)' }),
    }),
  },
  problems: ['config_not_found', 'config_inactive', 'config_locked', 'codes_do_not_match'],
  idempotency: 'kept',
});

export const revealConfig = route({
  operation: 'otp/reveal-config',
  method: 'POST',
  path: '/otp/configs/{config_id}/reveal',
  summary: 'The secret again',
  who: 'user',
  fresh: true,
  limit: 'reveal',
  params: configInPath,
  reply: { status: 200, description: 'The secret', schema: secretForms.extend({ config_id: configId }) },
  problems: ['config_not_found'],
  idempotency: 'sealed-otp',
});

export const unlockConfig = route({
  operation: 'otp/unlock-config',
  method: 'POST',
  path: '/otp/configs/{config_id}/unlock',
  summary: 'Clear the lock that wrong guesses made',
  who: 'user',
  fresh: true,
  limit: 'reveal',
  params: configInPath,
  reply: { status: 200, description: 'Unlocked', schema: otpConfig },
  problems: ['config_not_found'],
  idempotency: 'kept',
});

export const importConfigs = route({
  operation: 'otp/import-configs',
  method: 'POST',
  path: '/otp/import',
  summary: 'Create configurations from otpauth and otpauth-migration URIs',
  who: 'user',
  limit: 'transfer',
  bodyBytes: request.importBodyBytes,
  body: z.strictObject({
    data: z.array(z.string().min(1).max(65_536)).min(1).max(otp.importRows),
    dry_run: z.boolean().optional(),
    allow_short_secret: z.boolean().optional(),
  }),
  reply: {
    status: 200,
    description: 'One row for each entry',
    schema: z.object({
      results: z.array(
        z.object({
          row: z.int().min(0).meta({ description: 'Which element of data it came from' }),
          name: z.string().optional(),
          result: z.enum(['created', 'duplicate', 'invalid']),
          config_id: configId.optional(),
          reason: z.string().optional(),
          warnings: z.array(z.string()).optional(),
        }),
      ),
      created: z.int().min(0),
      duplicates: z.int().min(0),
      invalid: z.int().min(0),
    }),
  },
  problems: ['too_many_configs'],
  idempotency: 'kept',
});

export const exportConfigs = route({
  operation: 'otp/export-configs',
  method: 'POST',
  path: '/otp/export',
  summary: 'The secrets of configurations, for another authenticator',
  who: 'user',
  fresh: true,
  limit: 'transfer',
  body: z.strictObject({
    config_ids: z.array(configId).min(1).max(otp.configsPerUser).optional(),
    format: z.enum(['otpauth', 'migration']),
  }),
  reply: {
    status: 200,
    description: 'URIs, and for the migration format a QR code each',
    schema: z.object({
      data: z.array(z.string()),
      qr_svgs: z.array(z.string()).optional(),
      exported: z.int().min(0),
      left_out: z.array(z.object({ config_id: configId, reason: z.string() })),
    }),
  },
  problems: ['config_not_found'],
});
