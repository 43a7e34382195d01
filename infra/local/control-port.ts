import { createServer, type IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import * as z from 'zod';
import type { CallLedger } from './call-ledger.ts';
import type { Clock } from './clock.ts';
import { type Faults, faultSchema } from './faults.ts';
import type { Functions } from './functions.ts';
import type { GrantLedger } from './grant-ledger.ts';
import type { Statement } from './iam.ts';
import { parseJson } from './json.ts';
import { type Listening, listen } from './listen.ts';
import type { LogBuffer } from './log-buffer.ts';
import type { StreamPoller } from './stream-poller.ts';

export interface ControlPortOptions {
  readonly port: number;
  /** What `GET /` answers: addresses, table, versions. */
  readonly about: () => object;
  readonly clock: Clock;
  readonly logs: LogBuffer;
  readonly calls: CallLedger;
  readonly faults: Faults;
  readonly grants: GrantLedger;
  readonly functions: Pick<Functions, 'endIdle'>;
  readonly statements: ReadonlyMap<string, readonly Statement[]>;
  readonly pollers: readonly StreamPoller[];
}

/** Something asked in a way that cannot be answered. */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Asked {
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** The rest of the path, where the route has one. */
  readonly id: string;
}

/** Plain text is sent as NDJSON; everything else as JSON. */
type Handler = (asked: Asked) => unknown;

const bodyBytes = 64 * 1024;

// The instants of RFC 6238 lie between 1970 and 2603: a clock moved much further is a mistake.
const offsetMs = z.int().min(-2e12).max(2e13);
const clockSchema = z.strictObject({
  offset_ms: offsetMs,
  source_ip: z
    .string()
    .refine((text) => isIP(text) !== 0, 'is not an IP address')
    .optional(),
});
const streamSchema = z.strictObject({ paused: z.boolean() });
const sinceSchema = z.coerce.number().int().min(0).default(0);
const limitSchema = z.coerce.number().int().min(0).max(10_000).default(100);

/**
 * The hand on the running product, for tests, benches and whoever wants to see it under stress: clock, logs, counted calls,
 * faults, stream, instances, used grants. It listens on this machine alone, and no deployed stack has it.
 */
export async function startControlPort(options: ControlPortOptions): Promise<Listening> {
  const { clock, logs, calls, faults, grants, functions, pollers } = options;
  const streams = () => pollers.map((poller) => poller.state());

  const routes: Record<string, Handler> = {
    'GET /': () => options.about(),
    'GET /clock': () => clock.offsets(),
    'POST /clock': ({ body }) => {
      const { offset_ms, source_ip } = clockSchema.parse(body);
      clock.move(offset_ms, source_ip);
      return clock.offsets();
    },
    'GET /logs': ({ query }) => {
      const lines = logs.list({
        since: sinceSchema.parse(query.get('since') ?? undefined),
        operation: query.get('function') ?? undefined,
        requestId: query.get('request_id') ?? undefined,
      });
      return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    },
    'GET /calls': ({ query }) => {
      const requestId = query.get('request_id');
      const limit = limitSchema.parse(query.get('limit') ?? undefined);
      if (requestId === null) return calls.list({ limit, operation: query.get('function') ?? undefined });
      return calls.of(requestId) ?? refuse(404, `No request ${requestId} is known.`);
    },
    'DELETE /calls': () => {
      calls.reset();
      return { calls: 'reset' };
    },
    'GET /faults': () => faults.list(),
    'POST /faults': ({ body }) => faults.add(faultSchema.parse(body)),
    'DELETE /faults': () => ({ cleared: faults.clear() }),
    'DELETE /faults/:id': ({ id }) =>
      faults.clear(id) > 0 ? { cleared: 1 } : refuse(404, `No fault ${id} is pending.`),
    'GET /stream': streams,
    'POST /stream': ({ body }) => {
      const { paused } = streamSchema.parse(body);
      for (const poller of pollers)
        if (paused) poller.pause();
        else poller.resume();
      return streams();
    },
    'DELETE /instances': async () => ({ ended: await functions.endIdle() }),
    'GET /grants': () => {
      return { ...grants.decisions(), used: grants.used(), unused: grants.unused(options.statements) };
    },
    'DELETE /grants': () => {
      grants.reset();
      return { grants: 'reset' };
    },
  };

  async function answer(request: IncomingMessage): Promise<unknown> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
    const [word = '', id = '', ...more] = pathname.split('/').slice(1);
    const path = more.length > 0 ? pathname : id === '' ? `/${word}` : `/${word}/:id`;
    const handler = routes[`${request.method} ${path}`];
    if (handler === undefined) {
      const methods = Object.keys(routes)
        .filter((key) => key.endsWith(` ${path}`))
        .map((key) => key.split(' ')[0]);
      throw methods.length > 0
        ? new Refusal(405, `${path} takes ${methods.join(', ')}.`)
        : new Refusal(404, `There is no ${path} here. There are: ${Object.keys(routes).join(', ')}.`);
    }
    const body = request.method === 'POST' ? await readJson(request) : undefined;
    return handler({ query, body, id: decodeURIComponent(id) });
  }

  const server = createServer((request, response) => {
    const send = (status: number, type: string, text: string) => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
    };
    // A page in a browser of this machine must not reach it by way of a name that resolves to the loopback.
    const host = request.headers.host?.replace(/:\d+$/, '') ?? '';
    if (!['localhost', '127.0.0.1', '[::1]'].includes(host) || request.headers.origin !== undefined) {
      return send(403, 'application/json', JSON.stringify({ error: 'The control port is not for pages.' }));
    }
    answer(request).then(
      (body) => {
        if (typeof body === 'string') send(200, 'application/x-ndjson', body);
        else send(200, 'application/json', `${JSON.stringify(body, null, 2)}\n`);
      },
      (error: unknown) => {
        const { status, text } = explain(error);
        send(status, 'application/json', `${JSON.stringify({ error: text })}\n`);
      },
    );
  });
  return listen(server, options.port);
}

function refuse(status: number, message: string): never {
  throw new Refusal(status, message);
}

function explain(error: unknown): { status: number; text: string } {
  if (error instanceof Refusal) return { status: error.status, text: error.message };
  if (error instanceof z.ZodError) return { status: 422, text: z.prettifyError(error) };
  return { status: 500, text: error instanceof Error ? error.message : String(error) };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > bodyBytes) throw new Refusal(413, 'That is too much.');
  }
  try {
    return parseJson(text);
  } catch {
    throw new Refusal(400, 'The body is not JSON.');
  }
}
