import * as z from 'zod/mini';
import { apiKey as policy } from '../domain/policy.ts';
import { configId, configName, docs, instant, message } from './fields.ts';
import { route, scopes } from './route.ts';

const scope = z.enum(scopes);

/** A key as its owner sees it: never the key itself. */
export const apiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(scope),
    config_ids: z.nullable(z.array(configId)),
    expires_at: z.nullable(instant),
    created_at: instant,
    last_used_at: z.nullable(instant),
  })
  .register(docs, { id: 'ApiKeyResponse' });

export const createApiKey = route({
  operation: 'api-keys/create-api-key',
  method: 'POST',
  path: '/api-keys',
  summary: 'Create a key for a back end; the key is shown once',
  who: 'user',
  fresh: true,
  limit: 'api_keys',
  body: z.strictObject({
    name: configName,
    scopes: z.array(scope).check(
      z.minLength(1),
      z.refine((all) => new Set(all).size === all.length, 'Name each scope once'),
    ),
    config_ids: z.optional(z.array(configId).check(z.minLength(1), z.maxLength(100))),
    expires_at: z.optional(instant),
  }),
  reply: { status: 201, description: 'The key, this once', schema: z.extend(apiKey, { key: z.string() }) },
  problems: ['too_many_api_keys', 'config_not_found'],
  idempotency: 'sealed-mfa',
});

export const listApiKeys = route({
  operation: 'api-keys/list-api-keys',
  method: 'GET',
  path: '/api-keys',
  summary: 'One’s keys',
  who: 'user',
  reply: { status: 200, description: `Keys, at most ${policy.perUser}`, schema: z.array(apiKey) },
  problems: [],
});

export const deleteApiKey = route({
  operation: 'api-keys/delete-api-key',
  method: 'DELETE',
  path: '/api-keys/{key_id}',
  summary: 'Delete a key; it stops working at once',
  who: 'user',
  limit: 'api_keys',
  params: z.object({
    key_id: z
      .string()
      .check(z.regex(/^[a-z2-7]{10}$/, 'Not the id of a key'))
      .register(docs, { example: 'mfzwizltoq' }),
  }),
  reply: { status: 200, description: 'Deleted', schema: message },
  problems: ['api_key_not_found'],
});
