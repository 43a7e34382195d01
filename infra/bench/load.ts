import autocannon from 'autocannon';
import * as z from 'zod';
import { codeOfCounter } from '../testing/authenticator.ts';
import { createConfig, type SharedConfig } from '../testing/otp-user.ts';
import { seedUser } from '../testing/seeded-user.ts';
import { formatTable } from './format-table.ts';
import type { Section } from './section.ts';
import type { World } from './world.ts';

const concurrencies = [1, 8, 32] as const;

/** What one endpoint bore. */
export interface LoadResult {
  readonly name: string;
  readonly connections: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers with another status than 2xx, or with another body than was due. */
  readonly wrong: number;
  readonly errors: number;
}

interface Sender {
  readonly token: string;
  readonly config: SharedConfig;
  counter: number;
}

/**
 * Loads the running product over the loopback. Each connection is a back end with a user and a configuration of its own; a validation
 * sends the next right code each time. Gateway, functions, edge and database share this machine with the one who asks.
 */
export async function measureLoad(world: World, { seconds }: { seconds: number }): Promise<Section> {
  const senders = await newSenders(world, Math.max(...concurrencies));
  const results: LoadResult[] = [];
  for (const connections of concurrencies) {
    results.push(
      await bear(world, 'GET /time', connections, seconds, {
        requestOf: () => ({ method: 'GET', path: '/time' }),
        isRight: ({ unix_ms }) => typeof unix_ms === 'number',
      }),
      await bear(world, 'POST /otp/generate', connections, seconds, {
        requestOf: (at) => {
          const { token, config } = senderAt(senders, at);
          return post('/otp/generate', token, { config_id: config.id });
        },
        isRight: ({ otp_code }) => typeof otp_code === 'string',
      }),
      await bear(world, 'POST /otp/validate', connections, seconds, {
        requestOf: (at) => {
          const sender = senderAt(senders, at);
          const otp_code = codeOfCounter(sender.config.entry, sender.counter++);
          return post('/otp/validate', sender.token, { config_id: sender.config.id, otp_code });
        },
        isRight: ({ is_valid }) => is_valid === true,
      }),
    );
  }
  return {
    title: `Load on this machine, ${seconds} s each`,
    texts: [
      formatTable(
        ['endpoint', 'connections', 'answers/s', 'p50 ms', 'p99 ms', 'wrong', 'errors'],
        results.map(({ name, connections, perSecond, p50Ms, p99Ms, wrong, errors }) => [
          name,
          connections,
          perSecond,
          p50Ms,
          p99Ms,
          wrong,
          errors,
        ]),
      ),
    ],
    data: { seconds, results },
    faults: results
      .filter(({ wrong, errors }) => wrong + errors > 0)
      .map(
        ({ name, connections, wrong, errors }) =>
          `${name}: ${wrong + errors} of the answers at ${connections} connections were wrong or none.`,
      ),
  };
}

async function newSenders({ product }: World, count: number): Promise<Sender[]> {
  const newSender = async (): Promise<Sender> => {
    const user = await seedUser(product);
    return { token: user.token, config: await createConfig(user, { otp_type: 'hotp', counter: 0 }), counter: 0 };
  };
  return Promise.all(Array.from({ length: count }, newSender));
}

function senderAt(senders: readonly Sender[], at: number): Sender {
  const sender = senders[at % senders.length];
  if (sender === undefined) throw new Error('nobody sends');
  return sender;
}

type Request = Pick<autocannon.Request, 'method' | 'path' | 'headers' | 'body'>;

interface Errand {
  readonly requestOf: (connection: number) => Request;
  readonly isRight: (body: Readonly<Record<string, unknown>>) => boolean;
}

function post(path: string, token: string, body: object): Request {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return { method: 'POST', path, headers, body: JSON.stringify(body) };
}

const resultSchema = z.object({
  requests: z.object({ average: z.number() }),
  latency: z.object({ p50: z.number(), p99: z.number() }),
  non2xx: z.number(),
  mismatches: z.number(),
  errors: z.number(),
});

async function bear(
  { product }: World,
  name: string,
  connections: number,
  seconds: number,
  { requestOf, isRight }: Errand,
): Promise<LoadResult> {
  let connected = 0;
  const result = await autocannon({
    url: product.info.api,
    connections,
    duration: seconds,
    setupClient: (client) => {
      const connection = connected++;
      client.setRequests([{ setupRequest: (request) => ({ ...request, ...requestOf(connection) }) }]);
    },
    verifyBody: (body) => isRight(JSON.parse(String(body))),
  });
  const { requests, latency, non2xx, mismatches, errors } = resultSchema.parse(result);
  return {
    name,
    connections,
    perSecond: requests.average,
    p50Ms: latency.p50,
    p99Ms: latency.p99,
    wrong: Math.max(non2xx, mismatches),
    errors,
  };
}
