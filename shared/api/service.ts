import * as z from 'zod/mini';
import { route } from './route.ts';

/** What the service says of itself, to everyone. */

/** Its name and version, as `package.json` has them. */
export const service = { name: 'otp-service', version: '2.1.0' } as const;

export const describeService = route({
  operation: 'service/describe-service',
  method: 'GET',
  path: '/',
  summary: 'Name, version, status and features',
  who: 'public',
  reply: {
    status: 200,
    description: 'The service',
    schema: z.object({
      name: z.string(),
      version: z.string(),
      status: z.literal('running'),
      features: z.array(z.string()),
      docs: z.string(),
    }),
  },
  problems: [],
});

export const checkHealth = route({
  operation: 'service/check-health',
  method: 'GET',
  path: '/health',
  summary: 'Whether table and keys answer',
  who: 'public',
  reply: {
    status: 200,
    description: 'Every check passes',
    orStatus: { status: 503, description: 'A check fails: the table does not answer, or a key cannot be used' },
    schema: z.object({
      status: z.enum(['ok', 'failing']),
      checks: z.object({ table: z.enum(['ok', 'failing']), keys: z.enum(['ok', 'failing']) }),
    }),
  },
  problems: [],
});

export const readTime = route({
  operation: 'service/read-time',
  method: 'GET',
  path: '/time',
  summary: 'The service’s clock, by which codes are judged',
  who: 'public',
  reply: { status: 200, description: 'The time', schema: z.object({ unix_ms: z.int() }) },
  problems: [],
});

export const readOpenapi = route({
  operation: 'service/read-openapi',
  method: 'GET',
  path: '/openapi.json',
  summary: 'This description, OpenAPI 3.1',
  who: 'public',
  reply: { status: 200, description: 'OpenAPI 3.1', schema: z.record(z.string(), z.unknown()) },
  problems: [],
});

export const readDocs = route({
  operation: 'service/read-docs',
  method: 'GET',
  path: '/docs',
  summary: 'Interactive documentation',
  who: 'public',
  reply: { status: 200, description: 'A page', schema: z.string(), contentType: ['text/html'] },
  problems: [],
});

export const readJwks = route({
  operation: 'service/read-jwks',
  method: 'GET',
  path: '/.well-known/jwks.json',
  summary: 'The public keys that verify access tokens (RFC 7517)',
  who: 'public',
  reply: {
    status: 200,
    description: 'A JWK set',
    schema: z.object({
      keys: z.array(
        z.object({
          kty: z.literal('EC'),
          crv: z.literal('P-256'),
          x: z.string(),
          y: z.string(),
          kid: z.string(),
          alg: z.literal('ES256'),
          use: z.literal('sig'),
        }),
      ),
    }),
  },
  problems: [],
});
