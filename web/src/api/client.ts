import type * as z from 'zod/mini';
import type { Contract, ReplyBody } from '../../../shared/api/route.ts';
import { session } from './browser-session.ts';
import { Declined, isRefusal, Unreachable } from './problem.ts';
import { proveFreshness } from './proof.ts';
import { readRefusal } from './read-refusal.ts';

type Place<C extends Contract, Name extends 'params' | 'query' | 'body', Given> = C extends {
  readonly [name in Name]: z.ZodMiniType;
}
  ? Given
  : { readonly [name in Name]?: never };
type Schema<C extends Contract, Name extends 'params' | 'query' | 'body'> = C extends {
  readonly [name in Name]: infer S extends z.ZodMiniType;
}
  ? S
  : never;

/** What a call sends, after its contract: path and query as the values they stand for, the body as JSON. */
export type CallInput<C extends Contract> = Sent &
  Place<C, 'params', { readonly params: z.output<Schema<C, 'params'>> }> &
  Place<C, 'query', { readonly query?: Partial<z.output<Schema<C, 'query'>>> }> &
  Place<C, 'body', { readonly body: z.input<Schema<C, 'body'>> }>;

/** How a call is made, beside what it says. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Two calls with the same key are one, also when the first answer was lost. Each call makes its own unless told. */
  readonly idempotencyKey?: string;
  /** Where a list goes on, from the page before. */
  readonly cursor?: string | undefined;
}

/** One page of a list, and the cursor of the next. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: string | undefined;
}

/** Rows of a contract that answers a list. */
export type RowOf<C extends Contract> = ReplyBody<C> extends readonly (infer Row)[] ? Row : never;

interface Sent {
  readonly params?: object;
  readonly query?: object;
  readonly body?: unknown;
}

const answerMs = 15_000;
const triesWithoutAnswer = 3;

/** Makes a call and answers its body. Throws `Refusal`, `Unreachable` or `Declined`. */
export async function call<C extends Contract>(
  contract: C,
  input: CallInput<C>,
  options: CallOptions = {},
): Promise<ReplyBody<C>> {
  const response = await send(contract, input, options);
  return response.json();
}

/** Makes a call that answers a list page by page. */
export async function callForPage<C extends Contract>(
  contract: C,
  input: CallInput<C>,
  options: CallOptions = {},
): Promise<Page<RowOf<C>>> {
  const response = await send(contract, input, options);
  return { rows: await response.json(), next: nextCursor(response.headers.get('link')) };
}

/** Makes a call that answers text, page by page. */
export async function callForText<C extends Contract>(
  contract: C,
  input: CallInput<C>,
  options: CallOptions = {},
): Promise<{ readonly text: string; readonly next: string | undefined }> {
  const response = await send(contract, input, options);
  return { text: await response.text(), next: nextCursor(response.headers.get('link')) };
}

/** The cursor in an RFC 8288 header `<…?cursor=…>; rel="next"`. */
export function nextCursor(link: string | null): string | undefined {
  const target = link && /<([^>]*)>\s*;\s*rel="?next"?/.exec(link)?.[1];
  return target ? (new URL(target, 'https://origin.invalid').searchParams.get('cursor') ?? undefined) : undefined;
}

async function send(contract: Contract, input: Sent, options: CallOptions): Promise<Response> {
  const first = await sendAsUser(contract, input, options);
  if (first.ok) return first;
  const refusal = await readRefusal(first);
  if (!isRefusal(refusal, 'fresh_session_required')) throw refusal;

  if (!(await proveFreshness())) throw new Declined();
  // The refusal may be kept under the key that was sent; what is asked now is another question.
  const { idempotencyKey: _, ...again } = options;
  const second = await sendAsUser(contract, input, again);
  if (!second.ok) throw await readRefusal(second);
  return second;
}

/** A 401 gets one new token, whoever else is waiting for one too. */
async function sendAsUser(contract: Contract, input: Sent, options: CallOptions): Promise<Response> {
  if (contract.who === 'public') return sendUntilAnswered(contract, input, options, undefined);
  const token = await session.token();
  const response = await sendUntilAnswered(contract, input, options, token);
  if (response.status !== 401) return response;
  return sendUntilAnswered(contract, input, options, await session.token(token));
}

/** Sends again what may be sent again: reads, and writes that carry an idempotency key. */
async function sendUntilAnswered(
  contract: Contract,
  input: Sent,
  { signal, idempotencyKey, cursor }: CallOptions,
  token: string | undefined,
): Promise<Response> {
  const key = contract.idempotency && (idempotencyKey ?? crypto.randomUUID());
  const mayRepeat = contract.method === 'GET' || key !== undefined;
  const headers = new Headers({ accept: 'application/json' });
  if (token) headers.set('authorization', `Bearer ${token}`);
  if (key) headers.set('idempotency-key', key);
  if (input.body !== undefined) headers.set('content-type', 'application/json');

  for (let left = triesWithoutAnswer; ; left -= 1) {
    const canRepeat = mayRepeat && left > 1 && navigator.onLine;
    const timeout = AbortSignal.timeout(answerMs);
    try {
      const response = await fetch(address(contract.path, { ...input, query: { ...input.query, cursor } }), {
        method: contract.method,
        headers,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        ...(input.body !== undefined && { body: JSON.stringify(input.body) }),
      });
      if (response.status !== 503 || !canRepeat) return response;
      const refusal = await readRefusal(response.clone());
      // A long pause is the person's to decide.
      if ((refusal.retryAfterSeconds ?? 1) > 2) return response;
      await pause(refusal.retryAfterSeconds ?? 1);
    } catch (cause) {
      if (signal?.aborted) throw cause;
      if (!canRepeat) throw new Unreachable(cause);
      await pause(0.5);
    }
  }
}

function address(path: string, { params = {}, query = {} }: Sent): string {
  const values = new Map<string, unknown>(Object.entries(params));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values.get(name))));
  const pairs = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return `/api${filled}${pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`}`;
}

/** With some jitter, so that many pages that lost the service do not come back at once. */
function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000 * (1 + Math.random() / 2)));
}
