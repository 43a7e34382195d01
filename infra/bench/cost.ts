import type { CountMeasures } from './counts.ts';
import { type EndpointMeasures, readCalls } from './endpoints.ts';
import { formatTable } from './format-table.ts';
import { prices } from './prices.ts';
import { scenarios } from './scenarios.ts';
import type { Section } from './section.ts';
import { quantile } from './spread.ts';
import type { World } from './world.ts';

/** What one request was measured to use. */
export interface Usage {
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly kms: number;
  /** For how long a function of so much memory was billed. */
  readonly ms: number;
  readonly memoryMb: number;
  readonly logBytes: number;
  /** What counting its events costs afterwards, in its share of a batch. */
  readonly counting: { readonly readUnits: number; readonly writeUnits: number; readonly ms: number };
}

/** Dollars for a million requests, by who is paid for what. */
export interface Cost {
  readonly 'HTTP API': number;
  readonly Lambda: number;
  readonly DynamoDB: number;
  readonly KMS: number;
  readonly logs: number;
  readonly total: number;
}

const million = 1_000_000;

/** What a million such requests cost at list prices, without any free tier. */
export function costOf({ readUnits, writeUnits, kms, ms, memoryMb, logBytes, counting }: Usage): Cost {
  const { dynamoDb, lambda } = prices;
  const reads = (readUnits + counting.readUnits) * dynamoDb.readUnit;
  const writes = (writeUnits + counting.writeUnits) * dynamoDb.writeUnit;
  const gigabyteSeconds = ((ms + counting.ms) / 1000) * (memoryMb / 1024);
  const each = {
    'HTTP API': prices.httpApi.request,
    Lambda: lambda.request + gigabyteSeconds * lambda.gigabyteSecond,
    DynamoDB: reads + writes,
    KMS: kms * prices.kms.call,
    logs: (logBytes / 1e9) * prices.logs.gigabyte,
  };
  const cost = Object.fromEntries(
    Object.entries(each).map(([name, dollars]) => [name, dollars * million]),
  ) as typeof each;
  return { ...cost, total: Object.values(cost).reduce((sum, dollars) => sum + dollars, 0) };
}

const samples = 11;

/** Sends each variant of validate and generate a few times and says what a million of them cost. */
export async function measureCost(
  world: World,
  { endpoints }: EndpointMeasures['data'],
  counting: CountMeasures['data']['counting'],
): Promise<Section> {
  const { memoryMb } = await import('../endpoint-function.ts');
  const rows: { operation: string; variant: string; usage: Usage; cost: Cost }[] = [];
  for (const operation of ['otp/validate-code', 'otp/generate-code'] as const) {
    for (const { variant, begin } of scenarios[operation]) {
      const measured = endpoints.find((found) => found.operation === operation && found.variant === variant);
      // Its absence is a fault of the part that could not measure it.
      if (measured === undefined) continue;
      const durations: number[] = [];
      let logBytes = 0;
      for (let sample = 0; sample < samples; sample++) {
        const answer = await (await begin(world))();
        durations.push((await readCalls(world, answer, 200)).ms);
        const lines = await world.product.logs({ request_id: answer.requestId });
        logBytes = lines.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
      }
      const { readUnits, writeUnits, kms } = measured.warm;
      const ms = quantile(durations, 0.5);
      const usage = { readUnits, writeUnits, kms, ms, memoryMb: memoryMb.other, logBytes, counting };
      rows.push({ operation, variant, usage, cost: costOf(usage) });
    }
  }
  const dollars = (amount: number) => `$${amount.toFixed(2)}`;
  return {
    title: `Dollars for a million requests, list prices of ${prices.asOf}`,
    texts: [
      formatTable(
        [
          'endpoint',
          'read units',
          'write units',
          'ms',
          'log bytes',
          'HTTP API',
          'Lambda',
          'DynamoDB',
          'KMS',
          'logs',
          'total',
        ],
        rows.map(({ operation, variant, usage, cost }) => [
          `${operation}  ${variant}`,
          usage.readUnits,
          usage.writeUnits,
          usage.ms,
          usage.logBytes,
          ...(['HTTP API', 'Lambda', 'DynamoDB', 'KMS', 'logs', 'total'] as const).map((part) => dollars(cost[part])),
        ]),
      ),
      `Write units are as DynamoDB bills them: two for an item in a transaction. Ms: the median of ${samples} on this machine, with its own ` +
        `DynamoDB; each further 10 ms of ${memoryMb.other} MB cost ${dollars((0.01 * memoryMb.other * prices.lambda.gigabyteSecond * million) / 1024)}. ` +
        `DynamoDB and Lambda include the share of the stream’s consumer: ${counting.writeUnits.toFixed(2)} write and ${counting.readUnits.toFixed(2)} read units and ${counting.ms.toFixed(2)} ms for one event. ` +
        'Log bytes are the function’s own lines. Not in it: free tiers, CloudFront, storage, the gateway’s access log.',
    ],
    data: { prices, rows },
    faults: [],
  };
}
