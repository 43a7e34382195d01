import { beforeAll, describe, expect, inject, it } from 'vitest';
import * as z from 'zod';
import { connect } from '../../infra/local/testing.ts';
import { contracts } from '../../shared/api/index.ts';
import { statusOf } from '../../shared/api/problems.ts';

const product = connect(inject('generous'));

/* OpenAPI 3.1.1 as far as this description uses it; a field that the specification does not have is refused. */
const reference = z.strictObject({ $ref: z.string() });
const jsonSchema = z.record(z.string(), z.unknown());
const headerSchema = z.strictObject({ description: z.string(), schema: jsonSchema, example: z.unknown().optional() });
const exampleSchema = z.strictObject({ summary: z.string(), value: z.unknown() });
const media = z.strictObject({ schema: jsonSchema, examples: z.record(z.string(), reference).optional() });
const response = z.strictObject({
  description: z.string().min(1),
  headers: z.record(z.string(), reference),
  content: z.record(z.string(), media),
});
const parameter = z.strictObject({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean().optional(),
  description: z.string().optional(),
  schema: jsonSchema,
});
const operation = z.strictObject({
  operationId: z.string().regex(/^[a-zA-Z]+$/),
  tags: z.array(z.string()).length(1),
  summary: z.string().min(1),
  description: z.string().optional(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(parameter),
  requestBody: z.strictObject({ required: z.literal(true), content: z.record(z.string(), media) }).optional(),
  responses: z.record(z.string().regex(/^[1-5]\d\d$/), response),
});
const pathItem = z.partialRecord(z.enum(['get', 'post', 'patch', 'delete']), operation);
const document = z.strictObject({
  openapi: z.literal('3.1.1'),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.array(z.strictObject({ url: z.string() })),
  tags: z.array(z.strictObject({ name: z.string() })),
  paths: z.record(z.string().regex(/^\//), pathItem),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[\w.-]+$/), jsonSchema),
    headers: z.record(z.string(), headerSchema),
    examples: z.record(z.string(), exampleSchema),
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.literal('http'), scheme: z.literal('bearer') })),
  }),
});

let text: string;
let description: z.output<typeof document>;

beforeAll(async () => {
  const answer = await product.newClient().get('/openapi.json');
  expect(answer.status).toBe(200);
  ({ text } = answer);
  description = document.parse(answer.body);
});

/** Each route with what is said of it. */
function described() {
  return contracts.map((contract) => {
    const said = z.safeParse(
      operation,
      Reflect.get(description.paths[contract.path] ?? {}, contract.method.toLowerCase()),
    );
    return { contract, said: said.data };
  });
}

function isProblem(content: Record<string, unknown>): boolean {
  return Object.hasOwn(content, 'application/problem+json');
}

describe('GET /openapi.json', () => {
  it('is JSON, for either origin with the paths that the API has there', async () => {
    const here = await product.newClient().get('/openapi.json/');
    expect(here.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    const client = product.newClient(undefined, product.info.console);
    const there = await client.get('/openapi.json');
    const below = await client.get('/api/openapi.json');
    expect([here, there, below].map(({ body }) => body.servers)).toEqual([
      [{ url: '/' }],
      [{ url: '/api' }],
      [{ url: '/api' }],
    ]);
    expect({ ...there.body, servers: [] }).toEqual({ ...here.body, servers: [] });
  });

  it('describes every route once, and no other', () => {
    const paths = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(paths.sort()).toEqual(contracts.map(({ method, path }) => `${method} ${path}`).sort());
    const ids = described().map(({ said }) => said?.operationId);
    expect(new Set(ids).size).toBe(contracts.length);
    expect(ids).not.toContain(undefined);
  });

  it('refers to nothing that is not there, and defines nothing that nobody refers to', () => {
    const referred = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, target = '']) => target));
    const { schemas, headers, examples } = description.components;
    const defined = Object.entries({ schemas, headers, examples }).flatMap(([kind, all]) =>
      Object.keys(all).map((name) => `#/components/${kind}/${name}`),
    );
    expect([...referred].filter((target) => !defined.includes(target))).toEqual([]);
    // These two are for paths that no route has.
    const ofNoRoute = ['route_not_found', 'method_not_allowed'].map((code) => `#/components/examples/${code}`);
    expect(defined.filter((target) => !referred.has(target))).toEqual(ofNoRoute);
  });

  it('names for each route its answer, and every problem of its contract with an example', () => {
    for (const { contract, said } of described()) {
      const done = said?.responses[contract.reply.status];
      expect(Object.keys(done?.content ?? {}), contract.operation).toEqual(
        contract.reply.contentType ?? ['application/json'],
      );
      const problems = Object.entries(said?.responses ?? {}).filter(([, { content }]) => isProblem(content));
      const named = new Map(
        problems.map(([status, { content }]) => [
          status,
          Object.keys(content['application/problem+json']?.examples ?? {}),
        ]),
      );
      for (const code of contract.problems) {
        expect(named.get(String(statusOf(code))), `${contract.operation} ${code}`).toContain(code);
      }
      for (const [status, codes] of named)
        for (const code of codes) expect(statusOf(code as never)).toBe(Number(status));
      expect(named.get('500')).toEqual(['internal_error']);
      expect(contract.operation === 'service/check-health' || named.get('503')?.includes('try_again')).toBe(true);
    }
  });

  it('names what follows from who may, how often, and with what', () => {
    for (const { contract, said } of described()) {
      const { method, who, scope, limit, body, query, params, idempotency, form } = contract;
      const statuses = Object.keys(said?.responses ?? {});
      const name = contract.operation;
      expect(said?.security, name).toEqual(
        who === 'public' ? [] : [{ accessToken: [] }, ...(scope ? [{ apiKey: [scope] }] : [])],
      );
      if (who !== 'public') expect(statuses, name).toEqual(expect.arrayContaining(['401', '403']));
      expect(statuses.includes('429'), name).toBe(limit !== undefined);
      expect(Object.keys(said?.responses[contract.reply.status]?.headers ?? {}).includes('RateLimit'), name).toBe(
        limit !== undefined,
      );
      // A body that no field of is wanted is refused as well, but on a GET, where it means nothing.
      const readsBody = method !== 'GET' || body !== undefined;
      expect(statuses.includes('415'), name).toBe(readsBody);
      const takesInput = readsBody || [query, params, idempotency].some((part) => part !== undefined);
      expect(statuses.includes('422'), name).toBe(takesInput);
      const types = ['application/json', ...(form ? ['application/x-www-form-urlencoded'] : [])];
      expect(said?.requestBody && Object.keys(said.requestBody.content), name).toEqual(body && types);
      expect(
        said?.parameters.some((one) => one.name === 'Idempotency-Key'),
        name,
      ).toBe(idempotency !== undefined);
      const inPath = [...contract.path.matchAll(/\{(\w+)\}/g)].map(([, variable]) => variable);
      const variables = said?.parameters.filter((one) => one.in === 'path');
      expect(
        variables?.map((one) => one.name),
        name,
      ).toEqual(inPath);
      expect(
        variables?.every(({ required }) => required),
        name,
      ).toBe(true);
      const isPaged = said?.parameters.some((one) => one.name === 'cursor') ?? false;
      expect(Object.hasOwn(said?.responses[contract.reply.status]?.headers ?? {}, 'Link'), name).toBe(isPaged);
    }
  });

  it('says of health that it may fail with the same body', () => {
    const health = described().find(({ contract }) => contract.operation === 'service/check-health')?.said;
    expect(health?.responses['503']?.content).toEqual(health?.responses['200']?.content);
  });

  it('shows real answers: each example is a problem as it is sent', async () => {
    const { body } = await product.newClient().get('/users/me');
    const shown = description.components.examples['authentication_required']?.value;
    expect(shown).toEqual({ ...body, request_id: expect.any(String) });
    const required = z
      .object({ required: z.array(z.string()) })
      .parse(description.components.schemas['Problem']).required;
    for (const { value } of Object.values(description.components.examples)) {
      expect(Object.keys(z.record(z.string(), z.unknown()).parse(value))).toEqual(expect.arrayContaining(required));
    }
  });

  it('asks neither table nor KMS', async () => {
    const { requestId } = await product.newClient().get('/openapi.json');
    expect(await product.calls(requestId)).toMatchObject({ dynamodb: 0, kms: 0 });
  });
});
