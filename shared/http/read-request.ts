import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { en } from 'zod/locales';
import * as z from 'zod/mini';
import { type FieldError, fail } from '../api/problems.ts';
import type { Contract, Input } from '../api/route.ts';
import { edgeHeaders } from '../config.ts';
import { idempotency, request } from '../domain/policy.ts';
import { readJson } from './read-json.ts';

/** Who sends a request, as far as the edge vouches for it. */
export interface Client {
  readonly ip: string;
  readonly userAgent: string | undefined;
  /** Whether a browser says that a page of another origin sends this (Fetch Metadata, `Sec-Fetch-Site`). */
  readonly isFromOtherOrigin: boolean;
  /** Whether it came by way of the console's origin, under which the API is at `/api`. */
  readonly isByConsole: boolean;
}

/** A request as it was sent, its parts as the contract has them. */
export interface Sent<C extends Contract> {
  /** The one instant of this request, by the gateway's clock; Unix time in milliseconds. */
  readonly now: number;
  readonly requestId: string;
  readonly client: Client;
  readonly params: Input<C, 'params'>;
  readonly query: Input<C, 'query'>;
  readonly body: Input<C, 'body'>;
  readonly cookies: readonly string[];
  readonly idempotencyKey: string | undefined;
}

/** The client's address: the socket's that reached the gateway, or what our own CDN vouches for with its key. */
export function readClient(event: APIGatewayProxyEventV2, edgeKey: string): Client {
  const { sourceIp, userAgent } = event.requestContext.http;
  const isFromEdge = event.headers[edgeHeaders.key] === edgeKey;
  const viewer = isFromEdge ? event.headers[edgeHeaders.viewerAddress] : undefined;
  const site = event.headers['sec-fetch-site'];
  return {
    ip: viewer ?? sourceIp,
    userAgent: userAgent ? userAgent.slice(0, 256) : undefined,
    isFromOtherOrigin: site === 'cross-site' || site === 'same-site',
    isByConsole: isFromEdge,
  };
}

/** A path of the API as whoever sent the request must ask for it: the console's origin has it below `/api`. */
export function pathSeenBy({ isByConsole }: Pick<Client, 'isByConsole'>, path: string): string {
  return isByConsole ? `/api${path}` : path;
}

/** Reads parameters, query and body by the contract; throws the problem that SPEC §3 names for what is not as it says. */
export function readInput<C extends Contract>(
  event: APIGatewayProxyEventV2,
  contract: C,
): Pick<Sent<C>, 'params' | 'query' | 'body'> {
  const places = {
    params: contract.params && check('params', contract.params, event.pathParameters ?? {}),
    query: contract.query && check('query', contract.query, event.queryStringParameters ?? {}),
    body: contract.body ? check('body', contract.body, readBody(event, contract)) : readNoBody(event, contract),
  };
  const errors = Object.values(places).flatMap((place) => place?.errors ?? []);
  if (errors.length > 0) throw fail('invalid_request', { errors });
  // Each value came out of the very schema that `Input` reads its type from.
  return { params: places.params?.value, query: places.query?.value, body: places.body.value } as Pick<
    Sent<C>,
    'params' | 'query' | 'body'
  >;
}

/** The client's Idempotency-Key, where the route honours one. */
export function readIdempotencyKey(event: APIGatewayProxyEventV2, contract: Contract): string | undefined {
  const key = event.headers['idempotency-key'];
  if (contract.idempotency === undefined || key === undefined) return undefined;
  if (key.length <= idempotency.keyLength && /^[\x21-\x7e]+$/.test(key)) return key;
  const message = `1 to ${idempotency.keyLength} visible ASCII characters`;
  throw fail('invalid_request', { errors: [{ path: 'headers.Idempotency-Key', message }] });
}

const noFields = z.strictObject({});

// A route that takes no field takes none that is sent to it either. What a GET carries means nothing (RFC 9110 §9.3.1).
function readNoBody(event: APIGatewayProxyEventV2, contract: Contract): { value?: undefined; errors: FieldError[] } {
  if (contract.method === 'GET' || !event.body) return { errors: [] };
  return { errors: check('body', noFields, readBody(event, contract)).errors };
}

function readBody(event: APIGatewayProxyEventV2, contract: Contract): unknown {
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > (contract.bodyBytes ?? request.bodyBytes)) throw fail('body_too_large');
  const type = event.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (contract.form && type === 'application/x-www-form-urlencoded') return readForm(bytes);
  if (type !== 'application/json') throw fail('not_json');
  return readJson(bytes);
}

function readForm(bytes: Buffer): Record<string, string> {
  const fields = [...new URLSearchParams(bytes.toString('utf8'))];
  const names = new Set(fields.map(([name]) => name));
  // RFC 6749 §3.2: parameters must not be included more than once; one without a value is treated as left out.
  if (names.size !== fields.length) throw fail('invalid_request', { detail: 'A form field is sent twice.' });
  return Object.fromEntries(fields.filter(([, value]) => value !== ''));
}

// zod/mini has no words of its own.
const { localeError: error } = en();

function check(place: string, schema: z.ZodMiniType, value: unknown): { value?: unknown; errors: FieldError[] } {
  const parsed = schema.safeParse(value, { error });
  if (parsed.success) return { value: parsed.data, errors: [] };
  return { errors: parsed.error.issues.flatMap((issue) => describeIssue(place, issue)) };
}

function describeIssue(place: string, issue: z.core.$ZodIssue): FieldError[] {
  const prefix = place === 'body' ? [] : [place];
  const at = (path: readonly PropertyKey[]) => [...prefix, ...path.map(String)].join('.') || place;
  // An unknown name is the client's own text: it is told where it stands and not repeated at length.
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => ({ path: at([...issue.path, name.slice(0, 64)]), message: 'Unknown field' }));
  }
  return [{ path: at(issue.path), message: issue.message }];
}
