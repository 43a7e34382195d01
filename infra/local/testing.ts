import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent } from 'undici';
import * as z from 'zod';
import { type Fault, faultSchema } from './faults.ts';
import { runAdminCommand } from './first-administrator.ts';
import { parseJson } from './json.ts';
import type { LogLine } from './log-buffer.ts';
import type { ProductInfo } from './product.ts';
import { secretNotes, secretsIn } from './testing/secrets-seen.ts';

/**
 * By which header a client says where it comes from, on systems whose loopback has one address only. On Linux every
 * 127.x.y.z is one, and the socket says it.
 */
export const clientAddressHeader = process.platform === 'linux' ? undefined : 'x-local-client-address';

/** An answer over HTTP. `body` is parsed JSON where the answer is JSON; a test states what it expects of it. */
export interface Answer {
  readonly status: number;
  /** Names in lower case; the values of a repeated header joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ReturnType<typeof JSON.parse>;
  readonly text: string;
  /** By which the control port knows the request. */
  readonly requestId: string;
}

export interface RequestOptions {
  /** Access token or API key, sent as a bearer. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client of the API with an address of its own, and with it limits of its own. */
export interface Client {
  readonly sourceIp: string;
  /** A body that is text or bytes is sent as it stands, without a content type; anything else as JSON. */
  send(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Answer>;
  get(path: string, options?: RequestOptions): Promise<Answer>;
  post(path: string, body?: unknown, options?: RequestOptions): Promise<Answer>;
  patch(path: string, body?: unknown, options?: RequestOptions): Promise<Answer>;
  delete(path: string, options?: RequestOptions): Promise<Answer>;
  /** Moves the clock for this client's requests only. */
  moveClock(offsetMs: number): Promise<void>;
}

/** Someone who has registered and logged in. */
export interface TestUser {
  readonly client: Client;
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly refreshToken: string;
  /** As the registration answered it. */
  readonly user: ReturnType<typeof JSON.parse>;
}

/** What a function did against DynamoDB and KMS for one request. */
export interface RequestCalls {
  readonly function: string;
  readonly dynamodb: number;
  readonly kms: number;
  readonly read_units: number;
  readonly write_units: number;
  /** From the event to the answer, and what the function's thread spent meanwhile. */
  readonly ms: number;
  readonly cpu_ms?: number | undefined;
  readonly calls: readonly { service: string; operation: string; status: number; error?: string; ms: number }[];
}

/** A running product, as tests see it. */
export type ConnectedProduct = ReturnType<typeof connect>;

const callsSchema = z.object({
  function: z.string(),
  dynamodb: z.number(),
  kms: z.number(),
  read_units: z.number(),
  write_units: z.number(),
  ms: z.number(),
  cpu_ms: z.number().optional(),
  calls: z.array(
    z.object({
      service: z.string(),
      operation: z.string(),
      status: z.number(),
      error: z.string().optional(),
      ms: z.number(),
    }),
  ),
});
const streamSchema = z.array(z.object({ idle_passes: z.number(), failures: z.array(z.unknown()) }));
const pendingSchema = z.object({ id: z.string() });

/** Connects a test with a product: `connect(inject('standard'))`. */
export function connect(info: ProductInfo) {
  const note = secretNotes(info);

  /** A client from an address that nobody else has, or from a given one; of the console's origin where that is given. */
  function newClient(sourceIp = freshAddress(), origin = info.api): Client {
    const agent = new Agent({
      ...(clientAddressHeader === undefined && { localAddress: sourceIp }),
      keepAliveTimeout: 4000,
    });
    const send: Client['send'] = async (method, path, body, options = {}) => {
      const headers = { ...(clientAddressHeader && { [clientAddressHeader]: sourceIp }), ...options.headers };
      const answer = await request(agent, origin, { method, path, body, token: options.token, headers });
      note([...secretsIn(body), ...secretsIn(answer.body, answer.headers['set-cookie'])]);
      return answer;
    };
    return {
      sourceIp,
      send,
      get: (path, options) => send('GET', path, undefined, options),
      post: (path, body, options) => send('POST', path, body, options),
      patch: (path, body, options) => send('PATCH', path, body, options),
      delete: (path, options) => send('DELETE', path, undefined, options),
      moveClock: (offsetMs) => moveClock(offsetMs, sourceIp),
    };
  }

  /** Registers someone, with another name, e-mail or password where given, and logs them in. */
  async function newUser(
    client = newClient(),
    overrides: { username?: string; email?: string; password?: string } = {},
  ): Promise<TestUser> {
    const username = overrides.username ?? `u${randomBytes(6).toString('hex')}`;
    const email = overrides.email ?? `${username}@example.com`;
    const password = overrides.password ?? 'Tr0ub4dor&3-staple';
    // With a key: a registration whose answer came too late is no name that is taken.
    const headers = { 'idempotency-key': randomBytes(12).toString('hex') };
    const registered = await atLast(() => client.post('/users', { username, email, password }, { headers }));
    if (registered.status !== 201) throw new Error(`POST /users: ${registered.status} ${registered.text}`);
    const session = await logIn(client, { username, password });
    return { client, username, email, password, ...session, user: registered.body };
  }

  /** Registers someone and makes them an administrator, by the operator's command. */
  async function newAdministrator(client = newClient()): Promise<TestUser> {
    const user = await newUser(client);
    await runAdminCommand(info, 'grant', '--username', user.username);
    return user;
  }

  /** Logs someone in; throws when that does not give tokens. */
  async function logIn(
    client: Client,
    { username, password, mfa_code }: { username: string; password: string; mfa_code?: string },
  ) {
    const answer = await atLast(() => client.post('/token', { username, password, mfa_code }));
    if (answer.status !== 200 || answer.body.access_token === null)
      throw new Error(`POST /token: ${answer.status} ${answer.text}`);
    return { token: String(answer.body.access_token), refreshToken: String(answer.body.refresh_token) };
  }

  const control = new Agent({ keepAliveTimeout: 4000 });

  async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await request(control, info.control, { method, path, body, token: undefined, headers: {} });
    if (answer.status >= 400) throw new Error(`${method} ${path} of the control port: ${answer.status} ${answer.text}`);
    return answer;
  }

  /** Moves the clock, for all clients or for one address. */
  async function moveClock(offsetMs: number, sourceIp?: string): Promise<void> {
    await ask('POST', '/clock', { offset_ms: offsetMs, ...(sourceIp !== undefined && { source_ip: sourceIp }) });
  }

  /** Lets something go wrong; `clear` takes it back. Name a `source_ip` or a `match`, since other tests run meanwhile. */
  async function fault(wanted: z.input<typeof faultSchema>): Promise<{ id: string; clear: () => Promise<void> }> {
    const { id } = pendingSchema.parse((await ask('POST', '/faults', faultSchema.parse(wanted) satisfies Fault)).body);
    return {
      id,
      // One whose calls have all come is gone already.
      clear: async () =>
        void (await request(control, info.control, {
          method: 'DELETE',
          path: `/faults/${id}`,
          body: undefined,
          token: undefined,
          headers: {},
        })),
    };
  }

  async function clearFaults(): Promise<void> {
    await ask('DELETE', '/faults');
  }

  /** What was called for a request; give the `requestId` of its answer. */
  async function calls(requestId: string): Promise<RequestCalls> {
    const { body } = await ask('GET', `/calls?request_id=${encodeURIComponent(requestId)}`);
    const read = callsSchema.parse(body);
    return {
      ...read,
      calls: read.calls.map(({ error, ...call }) => ({ ...call, ...(error !== undefined && { error }) })),
    };
  }

  /** Lines that functions wrote; of one function or request where asked for. */
  async function logs(of: { function?: string; request_id?: string; since?: number } = {}): Promise<LogLine[]> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(of)) query.set(name, String(value));
    const { text } = await ask('GET', `/logs?${query}`);
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  async function stream() {
    return streamSchema.parse((await ask('GET', '/stream')).body);
  }

  /** Waits until all that was written before has been read from the stream. */
  async function streamIsRead(timeoutMs = 20_000): Promise<void> {
    const before = await stream();
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const now = await stream();
      // The first pass may have begun before the call.
      if (now.every(({ idle_passes }, at) => idle_passes >= (before[at]?.idle_passes ?? 0) + 2)) return;
      if (Date.now() > deadline) throw new Error('The stream is not read to its end.');
      await wait(50);
    }
  }

  async function pauseStream(paused: boolean): Promise<void> {
    await ask('POST', '/stream', { paused });
  }

  /** Ends all instances that wait for an event: the next event of each function meets a cold start. */
  async function endInstances(): Promise<void> {
    await ask('DELETE', '/instances');
  }

  return {
    info,
    newClient,
    newUser,
    newAdministrator,
    logIn,
    ask,
    moveClock,
    fault,
    clearFaults,
    calls,
    logs,
    streamIsRead,
    pauseStream,
    endInstances,
  };
}

/** As clients do it: what a machine with too much to do answers with 503 is sent again. */
export async function atLast(send: () => Promise<Answer>, tries = 4): Promise<Answer> {
  const answer = await send();
  return answer.status === 503 && tries > 1 ? atLast(send, tries - 1) : answer;
}

interface Sent extends RequestOptions {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

async function request(agent: Agent, origin: string, { method, path, body, token, headers }: Sent): Promise<Answer> {
  const isReady = typeof body === 'string' || body instanceof Uint8Array;
  const response = await agent.request({
    origin,
    path,
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && !isReady && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : isReady ? body : JSON.stringify(body),
  });
  const text = await response.body.text();
  const flat = Object.entries(response.headers).map(([name, value = '']) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  const received: Record<string, string> = Object.fromEntries(flat);
  const isJson = /json/.test(received['content-type'] ?? '') && !/ndjson/.test(received['content-type'] ?? '');
  return {
    status: response.statusCode,
    headers: received,
    body: isJson && text !== '' ? parseJson(text) : undefined,
    text,
    requestId: received['apigw-requestid'] ?? '',
  };
}

// Each process begins somewhere in the sixteen million addresses of the loopback and goes on from there.
let lastAddress = randomBytes(3).readUIntBE(0, 3);

function freshAddress(): string {
  for (;;) {
    lastAddress = (lastAddress + 1) % 2 ** 24;
    const bytes = [16, 8, 0].map((shift) => (lastAddress >> shift) & 0xff);
    // The first and the last of a network, and 127.0.0.1 itself, are left out.
    if (bytes[2] !== 0 && bytes[2] !== 255 && bytes[0] !== 0) return `127.${bytes.join('.')}`;
  }
}
