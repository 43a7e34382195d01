import * as z from 'zod/mini';
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
  docs,
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
    interval: z.optional(interval).register(docs, { description: 'Seconds of a time step; TOTP only' }),
    counter: z.optional(counter).register(docs, { description: 'The next counter; HOTP only' }),
    issuer: z.string(),
    account: z.string(),
    window: z.optional(window).register(docs, { description: 'Steps tolerated on either side; TOTP only' }),
    look_ahead: z.optional(lookAhead).register(docs, { description: 'Counters tolerated ahead; HOTP only' }),
    is_active: z.boolean(),
    locked_until: z.nullable(instant).register(docs, {
      description: 'Set while wrong guesses make further tries wait; year 9999: until it is unlocked',
    }),
    created_at: instant,
    updated_at: instant,
    last_used_at: z.nullable(instant),
  })
  .register(docs, { id: 'OTPConfigResponse' });

/** The secret in its three forms. */
export const secretForms = z.object({
  secret: z.string().register(docs, { description: 'Base32, without padding' }),
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
    name: z.optional(configName),
    otp_type: z.optional(otpType),
    algorithm: z.optional(algorithm),
    digits: z.optional(digits),
    interval: z.optional(interval),
    counter: z.optional(counter),
    issuer: z.optional(issuer),
    account: z.optional(accountName),
    window: z.optional(window),
    look_ahead: z.optional(lookAhead),
    secret: z
      .optional(z.string().check(z.maxLength(512)))
      .register(docs, { description: 'An existing secret, base32; else a new one is made' }),
    otpauth_uri: z
      .optional(z.string().check(z.maxLength(otp.uriLength)))
      .register(docs, { description: 'An existing secret as otpauth URI' }),
    allow_short_secret: z
      .optional(z.boolean())
      .register(docs, { description: 'Take an existing secret of 10 to 15 bytes' }),
  })
  .check(
    z.superRefine((body, context) => {
      const refuse = (path: string, text: string) => context.addIssue({ code: 'custom', path: [path], message: text });
      if (body.otpauth_uri !== undefined) {
        for (const field of ownedByUri)
          if (body[field] !== undefined) refuse(field, 'Comes from otpauth_uri; leave it out');
        return;
      }
      if (body.name === undefined) refuse('name', 'Required');
      if (body.otp_type === undefined) return refuse('otp_type', 'Required');
      for (const { path, message } of otherTypeErrors(body.otp_type, body)) refuse(path, message);
    }),
  )
  .register(docs, { id: 'OTPConfigCreate' });

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
    schema: z.extend(otpConfig, secretForms.shape),
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
    name: z.optional(configName),
    issuer: z.optional(issuer),
    account: z.optional(accountName),
    is_active: z.optional(z.boolean()),
    window: z.optional(window),
    look_ahead: z.optional(lookAhead),
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
      counter: z.optional(counter),
      drift_steps: z
        .optional(z.int())
        .register(docs, { description: 'Steps by which the device is ahead (or behind, negative)' }),
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
  reply: { status: 200, description: 'The secret', schema: z.extend(secretForms, { config_id: configId }) },
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
    data: z
      .array(z.string().check(z.minLength(1), z.maxLength(65_536)))
      .check(z.minLength(1), z.maxLength(otp.importRows)),
    dry_run: z.optional(z.boolean()),
    allow_short_secret: z.optional(z.boolean()),
  }),
  reply: {
    status: 200,
    description: 'One row for each entry',
    schema: z.object({
      results: z.array(
        z.object({
          row: z.int().check(z.minimum(0)).register(docs, { description: 'Which element of data it came from' }),
          name: z.optional(z.string()),
          result: z.enum(['created', 'duplicate', 'invalid']),
          config_id: z.optional(configId),
          reason: z.optional(z.string()),
          warnings: z.optional(z.array(z.string())),
        }),
      ),
      created: z.int().check(z.minimum(0)),
      duplicates: z.int().check(z.minimum(0)),
      invalid: z.int().check(z.minimum(0)),
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
    config_ids: z.optional(z.array(configId).check(z.minLength(1), z.maxLength(otp.configsPerUser))),
    format: z.enum(['otpauth', 'migration']),
  }),
  reply: {
    status: 200,
    description: 'URIs, and for the migration format a QR code each',
    schema: z.object({
      data: z.array(z.string()),
      qr_svgs: z.optional(z.array(z.string())),
      exported: z.int().check(z.minimum(0)),
      left_out: z.array(z.object({ config_id: configId, reason: z.string() })),
    }),
  },
  problems: ['config_not_found'],
});
