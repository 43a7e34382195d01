import { createHmac, timingSafeEqual } from 'node:crypto';
import { fail } from '../api/problems.ts';
import type { Contract } from '../api/route.ts';
import type { Caller } from './caller.ts';
import { type Client, pathSeenBy } from './read-request.ts';
import { stageKey } from './runtime.ts';

/** Where the next page of a list begins; JSON, of the endpoint's own making. */
export type Place = Readonly<Record<string, unknown>>;

const key = stageKey('list cursor');

interface ListRequest {
  readonly caller: Caller;
  readonly client: Client;
  readonly query: { readonly cursor?: string | undefined };
}

/** Reads the cursor of a request: `malformed_cursor` unless this very list gave it to this very caller. */
export function readCursor(contract: Contract, request: ListRequest): Place | undefined {
  const { cursor } = request.query;
  if (cursor === undefined) return undefined;
  const [encoded = '', signature = ''] = cursor.split('.');
  const expected = sign(contract, request, encoded);
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw fail('malformed_cursor');
  return JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
}

/** The `Link` header (RFC 8288) to the next page; none where there is none. */
export function nextLink(contract: Contract, request: ListRequest, next: Place | undefined): { Link?: string } {
  if (next === undefined) return {};
  const encoded = Buffer.from(JSON.stringify(next)).toString('base64url');
  const cursor = `${encoded}.${sign(contract, request, encoded).toString('base64url')}`;
  const query = new URLSearchParams({ ...filtersOf(request.query), cursor });
  return { Link: `<${pathSeenBy(request.client, contract.path)}?${query}>; rel="next"` };
}

// Bound to list, caller and filters. `limit` may change between pages.
function sign(contract: Contract, { caller, query }: ListRequest, encoded: string): Buffer {
  const { limit: _limit, ...filters } = filtersOf(query);
  const bound = JSON.stringify([contract.operation, caller.user.id, Object.entries(filters).sort(), encoded]);
  return createHmac('sha256', key).update(bound).digest().subarray(0, 16);
}

function filtersOf(query: object): Record<string, string> {
  const given = Object.entries(query).filter(
    ([name, value]) => value !== undefined && !['cursor', 'skip'].includes(name),
  );
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}
