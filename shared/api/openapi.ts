import * as z from 'zod/mini';
import { limits } from '../domain/policy.ts';
import { routes } from './index.ts';
import { type ProblemCode, problemBody, problemCodes, statusOf } from './problems.ts';
import { type Contract, type Reply, scopes } from './route.ts';
import { service } from './service.ts';

/** The description of the API, OpenAPI 3.1, made of the very schemas that check its requests and answers. */

type Json = Readonly<Record<string, unknown>>;

/** Describes every route. `server` is the URL under which they are, seen from where the description is read. */
export function describeApi({ server }: { server: string }): Record<string, unknown> {
  const schemas: Record<string, unknown> = { Problem: problemSchema };
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, contract] of Object.entries<Contract>(routes)) {
    const path = paths[contract.path] ?? {};
    path[contract.method.toLowerCase()] = describeOperation(name, contract, schemas);
    paths[contract.path] = path;
  }
  return {
    openapi: '3.1.1',
    info: { title: 'OTP service', version: service.version, description: introduction },
    servers: [{ url: server }],
    tags: [...new Set(Object.values<Contract>(routes).map(tagOf))].map((tag) => ({ name: tag })),
    paths,
    components: { schemas, securitySchemes, headers, examples },
  };
}

const introduction = [
  'Time-based and counter-based one-time passwords (RFC 6238, RFC 4226): configurations, codes, their validation, and the accounts that own them.',
  'Errors are problem details (RFC 9457) with a stable `code`. One trailing slash more or less is the same route.',
  'Lists are arrays; the next page is the `Link` header with `rel="next"`.',
].join('\n\n');

const securitySchemes = {
  accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'From `POST /token`' },
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'otpk_…',
    description: `From \`POST /api-keys\`; needs the scope that the operation names, of ${scopes.map((scope) => `\`${scope}\``).join(', ')}`,
  },
};

const headers = {
  'X-Request-Id': { description: 'Names this request in logs and events', schema: { type: 'string' } },
  'RateLimit-Policy': {
    description: 'The limits of this route (draft-ietf-httpapi-ratelimit-headers)',
    schema: { type: 'string' },
    example: '"validate";q=20;w=60',
  },
  RateLimit: {
    description: 'What is left of them, and seconds until that changes',
    schema: { type: 'string' },
    example: '"validate";r=19;t=42',
  },
  'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer', minimum: 0 } },
  Link: {
    description: 'The next page, where there is one (RFC 8288)',
    schema: { type: 'string' },
    example: '<…?cursor=…>; rel="next"',
  },
  'Idempotent-Replayed': {
    description: 'Set where the answer is the first one again',
    schema: { type: 'string', const: 'true' },
  },
  'WWW-Authenticate': { description: 'RFC 6750', schema: { type: 'string', const: 'Bearer' } },
};

type HeaderName = keyof typeof headers;

const examples = Object.fromEntries(
  problemCodes.map((code) => [code, { summary: code, value: problemBody(code, 'JKJaXmPLvHcESHA=') }]),
);

function describeOperation(name: string, contract: Contract, schemas: Record<string, unknown>): Json {
  const { summary, body } = contract;
  return {
    operationId: name,
    tags: [tagOf(contract)],
    summary,
    ...(descriptionOf(contract) && { description: descriptionOf(contract) }),
    security: securityOf(contract),
    parameters: parametersOf(contract, schemas),
    ...(body && { requestBody: { required: true, content: bodyOf(contract, schemaOf(body, 'input', schemas)) } }),
    responses: responsesOf(contract, schemas),
  };
}

function tagOf({ operation }: Contract): string {
  return operation.slice(0, operation.indexOf('/'));
}

function descriptionOf({ description, who, scope, fresh, limit }: Contract): string | undefined {
  const { max, windowSeconds, per } = limits[limit ?? 'login'];
  const sentences = [
    description,
    who === 'admin' && 'For administrators.',
    scope && `API keys need the scope \`${scope}\`.`,
    fresh && 'Needs a log-in or step-up in the last five minutes.',
    limit && `Limit: ${max} in ${windowSeconds} s, each ${per}.`,
  ];
  return sentences.filter(Boolean).join(' ') || undefined;
}

function securityOf({ who, scope }: Contract): Json[] {
  if (who === 'public') return [];
  return [{ accessToken: [] }, ...(scope ? [{ apiKey: [scope] }] : [])];
}

function parametersOf({ params, query, idempotency }: Contract, schemas: Record<string, unknown>): Json[] {
  return [
    ...(params ? fieldsOf(params, 'path', schemas) : []),
    ...(query ? fieldsOf(query, 'query', schemas) : []),
    ...(idempotency ? [idempotencyKey] : []),
  ];
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The same key with the same body is answered with the first answer again, and nothing is done twice',
  schema: { type: 'string', minLength: 1, maxLength: 128, pattern: '^[\\x21-\\x7e]+$' },
};

function fieldsOf(schema: z.ZodMiniType, place: 'path' | 'query', schemas: Record<string, unknown>): Json[] {
  const { properties = {}, required = [] } = objectSchema.parse(schemaOf(schema, 'input', schemas));
  return Object.entries(properties).map(([name, { description, ...field }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema: field,
  }));
}

const objectSchema = z.object({
  properties: z.optional(z.record(z.string(), z.looseObject({ description: z.optional(z.string()) }))),
  required: z.optional(z.array(z.string())),
});

function bodyOf({ form }: Contract, schema: unknown): Json {
  return {
    'application/json': { schema },
    ...(form && { 'application/x-www-form-urlencoded': { schema } }),
  };
}

function responsesOf(contract: Contract, schemas: Record<string, unknown>): Json {
  const { reply } = contract;
  const content = contentOf(reply, schemas);
  const done = { description: reply.description, headers: headersOf(doneHeaders(contract)), content };
  const other = reply.orStatus && {
    [reply.orStatus.status]: {
      description: reply.orStatus.description,
      headers: headersOf(['X-Request-Id', 'Retry-After']),
      content,
    },
  };
  const refusals = Map.groupBy(problemsOf(contract), statusOf);
  return {
    [reply.status]: done,
    ...Object.fromEntries([...refusals].map(([status, codes]) => [status, refusalOf(status, codes, contract)])),
    ...other,
  };
}

function contentOf({ schema, contentType = ['application/json'] }: Reply, schemas: Record<string, unknown>): Json {
  return Object.fromEntries(contentType.map((type) => [type, { schema: schemaOf(schema, 'output', schemas) }]));
}

function doneHeaders({ limit, query, idempotency }: Contract): HeaderName[] {
  const isPaged =
    query !== undefined && Object.hasOwn(objectSchema.parse(schemaOf(query, 'input', {})).properties ?? {}, 'cursor');
  return [
    'X-Request-Id',
    ...(limit ? (['RateLimit-Policy', 'RateLimit'] as const) : []),
    ...(isPaged ? (['Link'] as const) : []),
    ...(idempotency ? (['Idempotent-Replayed'] as const) : []),
  ];
}

function headersOf(names: readonly HeaderName[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function refusalOf(status: number, codes: readonly ProblemCode[], { limit }: Contract): Json {
  const names: HeaderName[] = [
    'X-Request-Id',
    ...(status === 401 ? (['WWW-Authenticate'] as const) : []),
    ...([423, 429, 503].includes(status) ? (['Retry-After'] as const) : []),
    ...(status === 429 && limit ? (['RateLimit-Policy', 'RateLimit'] as const) : []),
  ];
  const ofCodes = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]);
  return {
    description: codes.map((code) => `\`${code}\``).join(', '),
    headers: headersOf(names),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(ofCodes),
      },
    },
  };
}

/** Every problem that a route may answer: its own, and those that follow from what it takes and whom it admits. */
function problemsOf(contract: Contract): ProblemCode[] {
  const { method, who, scope, fresh, duringPasswordChange, limit, params, query, body, idempotency, problems } =
    contract;
  const isOpen = who === 'public';
  // Without a schema too: what is sent to a route that takes no field is refused like any unknown one.
  const readsBody = body !== undefined || method !== 'GET';
  const follow: readonly (readonly [boolean, readonly ProblemCode[]])[] = [
    [readsBody, ['malformed_json', 'body_too_large', 'not_json']],
    [readsBody || params !== undefined || query !== undefined, ['invalid_request']],
    [!isOpen, ['authentication_required', scope === undefined ? 'user_token_required' : 'scope_missing']],
    [!isOpen && !duringPasswordChange, ['password_change_required']],
    [who === 'admin', ['admin_required']],
    [fresh === true, ['fresh_session_required']],
    [limit !== undefined, ['rate_limited']],
    [idempotency !== undefined, ['idempotency_key_reused']],
    [true, ['internal_error', 'try_again']],
  ];
  const all = new Set([...problems, ...follow.flatMap(([applies, codes]) => (applies ? codes : []))]);
  return problemCodes.filter((code) => all.has(code));
}

const problemSchema = {
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status', 'detail', 'code', 'request_id'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'A sentence that a person can act on' },
    code: { type: 'string', enum: problemCodes, description: 'Stable: what a program tells problems apart by' },
    request_id: { type: 'string' },
    errors: {
      type: 'array',
      description: 'With 422: the fields at fault',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

/** A schema as JSON Schema 2020-12; what has a name of its own goes to `schemas` and is referred to. */
function schemaOf(schema: z.ZodMiniType, io: 'input' | 'output', schemas: Record<string, unknown>): unknown {
  const {
    $schema: _,
    $defs = {},
    ...own
  } = z.toJSONSchema(schema, { io, override: ({ jsonSchema }) => tidy(jsonSchema, io) });
  for (const [name, named] of Object.entries($defs)) schemas[name] = referring(named);
  return referring(own);
}

function tidy(schema: z.core.JSONSchema.BaseSchema, io: 'input' | 'output'): void {
  // The format says it; its pattern is half a kilobyte.
  if (schema.format !== undefined) delete schema.pattern;
  // A client must not be broken by a field that is added to an answer.
  if (io === 'output' && schema.additionalProperties === false) delete schema.additionalProperties;
  const { example } = schema;
  if (example === undefined) return;
  delete schema['example'];
  schema.examples = [example];
}

function referring(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
