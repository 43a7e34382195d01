import autocannon from 'autocannon';
import * as z from 'zod';
import { codeOfCounter } from '../testing/authenticator.ts';
import { createConfig, type SharedConfig } from '../testing/otp-user.ts';
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
  readonly others: number;
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
      await bear(world, 'GET /time', connections, seconds, () => ({ method: 'GET', path: '/time' })),
      await bear(world, 'POST /otp/generate', connections, seconds, (at) => {
        const { token, config } = senderAt(senders, at);
        return post('/otp/generate', token, { config_id: config.id });
      }),
      await bear(world, 'POST /otp/validate', connections, seconds, (at) => {
        const sender = senderAt(senders, at);
        const otp_code = codeOfCounter(sender.config.entry, sender.counter++);
        return post('/otp/validate', sender.token, { config_id: sender.config.id, otp_code });
      }),
    );
  }
  return {
    title: `Load on this machine, ${seconds} s each`,
    texts: [
      formatTable(
        ['endpoint', 'connections', 'answers/s', 'p50 ms', 'p99 ms', 'not 2xx', 'errors'],
        results.map(({ name, connections, perSecond, p50Ms, p99Ms, others, errors }) => [
          name,
          connections,
          perSecond,
          p50Ms,
          p99Ms,
          others,
          errors,
        ]),
      ),
    ],
    data: { seconds, results },
    faults: results
      .filter(({ others, errors }) => others + errors > 0)
      .map(
        ({ name, connections, others, errors }) =>
          `${name}: ${others + errors} of the answers at ${connections} connections were none.`,
      ),
  };
}

async function newSenders({ product }: World, count: number): Promise<Sender[]> {
  const newSender = async (): Promise<Sender> => {
    const user = await product.newUser();
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

function post(path: string, token: string, body: object): Request {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return { method: 'POST', path, headers, body: JSON.stringify(body) };
}

const resultSchema = z.object({
  requests: z.object({ average: z.number() }),
  latency: z.object({ p50: z.number(), p99: z.number() }),
  non2xx: z.number(),
  errors: z.number(),
});

async function bear(
  { product }: World,
  name: string,
  connections: number,
  seconds: number,
  requestOf: (connection: number) => Request,
): Promise<LoadResult> {
  let connected = 0;
  const result = await autocannon({
    url: product.info.api,
    connections,
    duration: seconds,
    setupClient: (client) => {
      const connection = connected++;
      const next = () => client.setRequest(requestOf(connection));
      next();
      client.on('response', next);
    },
  });
  const { requests, latency, non2xx, errors } = resultSchema.parse(result);
  return {
    name,
    connections,
    perSecond: requests.average,
    p50Ms: latency.p50,
    p99Ms: latency.p99,
    others: non2xx,
    errors,
  };
}
