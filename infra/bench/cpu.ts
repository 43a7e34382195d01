import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { buildFunctions, built } from '../build.ts';
import { codeAtInstant } from '../testing/authenticator.ts';
import { type AwsRecorder, startAwsRecorder } from './aws-recorder.ts';
import { buildBareHandler } from './bare-bundle.ts';
import type { TwoCalls } from './bare-handler.ts';
import { budgets } from './budgets.ts';
import { formatTable } from './format-table.ts';
import { functionEnvironment } from './function-environment.ts';
import type { Section } from './section.ts';
import { ratioOf, type Spread, spreadOf } from './spread.ts';
import { startWarmFunction, type WarmFunction } from './warm-function.ts';
import type { World } from './world.ts';

/** What a warm request of an operation takes, and how many times the bare handler's that is: all together, and round by round. */
export interface CpuTime {
  readonly operation: string;
  readonly cpuMs: Spread;
  readonly ratio: number;
  readonly ratios: Spread;
}

/** What warm requests take. */
export interface CpuMeasures extends Section {
  readonly data: {
    readonly bare: Readonly<Record<string, Spread>>;
    readonly budget: number;
    readonly operations: readonly CpuTime[];
  };
}

// Short batches turn by turn: what slows the machine for a while slows both alike. Several processes: the same bundle takes some
// percent more or less in the next one, by where its code and data happen to lie.
const [processes, rounds, batch, warmUp] = [8, 20, 15, 400];

/**
 * Runs validate and generate and, turn by turn with each, a bare handler that makes the same two calls with the same items, all
 * answered from memory. What counts is the CPU of the whole process, its garbage collection included: all rounds together, since
 * most have none of the large collections and some have all of one.
 */
export async function measureCpu(world: World): Promise<CpuMeasures> {
  await buildFunctions();
  const { file: bareBundle } = await buildBareHandler();
  const config = await world.newTotp();
  const now = Date.now();
  const bodies = {
    'otp/validate-code': { config_id: config.id, otp_code: codeAtInstant(config.entry, now) },
    'otp/generate-code': { config_id: config.id },
  };
  const operations: CpuTime[] = [];
  const bare: Record<string, Spread> = {};
  for (const [operation, body] of Object.entries(bodies)) {
    const event = eventOf(world, `/${operation.split('-')[0]}`, body, now);
    const { own, base } = await compare(world, operation, event, bareBundle);
    operations.push({ operation, cpuMs: spreadOf(own), ratio: sumOf(own) / sumOf(base), ratios: ratioOf(own, base) });
    bare[operation] = spreadOf(base);
  }
  const rows = operations.map(({ operation, cpuMs, ratio, ratios }) => [
    operation,
    ratio.toFixed(2),
    `${ratios.low.toFixed(2)}–${ratios.high.toFixed(2)}`,
    cpuMs.median.toFixed(2),
    (bare[operation]?.median ?? Number.NaN).toFixed(2),
    ratios.runs,
  ]);
  return {
    title: 'CPU of one warm request',
    texts: [
      formatTable(['endpoint', '× bare', 'quarters', 'CPU ms', 'bare CPU ms', 'rounds'], rows),
      `Bare: the DynamoDB document client makes the same two calls with the same items. Budget: ${budgets.cpuRatio} × its CPU. ` +
        `Each round is ${batch} requests of the one and of the other, every ${rounds} in processes of their own.`,
    ],
    data: { bare, budget: budgets.cpuRatio, operations },
    faults: cpuFaults(operations),
  };
}

/** Who takes more than the budget allows. */
export function cpuFaults(operations: readonly CpuTime[]): string[] {
  return operations
    .filter(({ ratio }) => !(ratio <= budgets.cpuRatio))
    .map(
      ({ operation, ratio }) =>
        `${operation}: a warm request takes ${ratio.toFixed(2)} × the bare handler’s CPU, the budget is ${budgets.cpuRatio}.`,
    );
}

async function compare(
  { product: { info }, member }: World,
  operation: string,
  event: unknown,
  bareBundle: string,
): Promise<{ own: number[]; base: number[] }> {
  const recorder = await startAwsRecorder(info.aws);
  const started: WarmFunction[] = [];
  const stopAll = async () => {
    for (const running of started.splice(0)) await running.stop();
  };
  try {
    const environment = {
      ...functionEnvironment(
        {
          TABLE_NAME: info.table_name,
          DATA_KEY_ID: info.data_key_id ?? '',
          SIGNING_KEY_ID: info.signing_key_id ?? '',
          ISSUER: issuerOf(member.token),
        },
        recorder.url,
      ),
      AWS_ACCESS_KEY_ID: info.operator_access_key_id,
    };
    const start = async (bundle: string) => {
      const running = await startWarmFunction(bundle, environment);
      started.push(running);
      return running;
    };
    const ownBundle = join(built.functions, operation, 'index.mjs');
    const first = await (await start(ownBundle)).run(event, 1);
    if (first.answer.statusCode !== 200) throw new Error(`${operation} answered ${first.answer.body}`);
    recorder.replay();
    const calls = twoCallsOf(recorder);

    const samples = { own: [] as number[], base: [] as number[] };
    for (let process = 0; process < processes; process++) {
      const [own, base] = [await start(ownBundle), await start(bareBundle)];
      const again = await own.run(event, warmUp);
      // With the same facts the same is decided: what is measured is what was asked for.
      if (again.answer.body !== first.answer.body) throw new Error(`${operation} answered ${again.answer.body} again`);
      await base.run(calls, warmUp);
      for (let round = 0; round < rounds; round++) {
        samples.own.push((await own.run(event, batch)).cpuMs);
        samples.base.push((await base.run(calls, batch)).cpuMs);
      }
      await stopAll();
    }
    return samples;
  } finally {
    await stopAll();
    await recorder.stop();
  }
}

function eventOf({ member, client }: World, path: string, body: object, now: number) {
  return {
    version: '2.0',
    routeKey: `POST ${path}`,
    rawPath: path,
    rawQueryString: '',
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/json' },
    requestContext: {
      http: { method: 'POST', path, protocol: 'HTTP/1.1', sourceIp: client.sourceIp, userAgent: 'bench' },
      requestId: randomUUID(),
      timeEpoch: now,
    },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
}

/** The two calls of the function, as the document client is given them. */
function twoCallsOf({ calls }: AwsRecorder): TwoCalls {
  const [read, write] = ['BatchGetItem', 'TransactWriteItems'].map((operation) => {
    const call = calls.get(operation);
    if (call === undefined) throw new Error(`the function made no ${operation}`);
    return plainOf(JSON.parse(call.request));
  });
  return { read, write };
}

const kinds = new Set(['S', 'N', 'B', 'BOOL', 'NULL', 'M', 'L', 'SS', 'NS', 'BS']);

/** A request with plain values where the wire has attribute values: `{ N: '1' }` is 1. */
function plainOf(value: ReturnType<typeof JSON.parse>): ReturnType<typeof JSON.parse> {
  if (Array.isArray(value)) return value.map(plainOf);
  if (value === null || typeof value !== 'object') return value;
  const [[kind = '', inner] = [], ...others] = Object.entries(value);
  if (!kinds.has(kind) || others.length > 0) {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plainOf(part)]));
  }
  if (kind === 'N') return Number(inner);
  if (kind === 'B') return Buffer.from(String(inner), 'base64');
  if (kind === 'SS') return new Set(plainOf(inner));
  return kind === 'NULL' ? null : plainOf(inner);
}

function sumOf(samples: readonly number[]): number {
  return samples.reduce((sum, sample) => sum + sample, 0);
}

function issuerOf(token: string): string {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')).iss;
}
