import * as z from 'zod';
import { contracts } from '../../shared/api/index.ts';
import type { Answer } from '../local/testing.ts';
import { budgetOf } from './budgets.ts';
import { type Cell, formatTable } from './format-table.ts';
import { roundTripsOf } from './round-trips.ts';
import type { Scenario } from './scenario.ts';
import { scenariosOf } from './scenarios.ts';
import type { Section } from './section.ts';
import type { World } from './world.ts';

const callSchema = z.object({ service: z.string(), operation: z.string(), started_ms: z.number(), ms: z.number() });
const requestSchema = z.object({
  ms: z.number(),
  dynamodb: z.number(),
  kms: z.number(),
  read_units: z.number(),
  write_units: z.number(),
  calls: z.array(callSchema),
});
// One that is under way has no duration yet.
const listSchema = z.object({
  requests: z.array(z.union([requestSchema, z.object({ ms: z.undefined().optional() })])),
});

/** What one request asked of DynamoDB and KMS. */
export interface Asked {
  readonly calls: number;
  readonly roundTrips: number;
  readonly kms: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  /** From the event to the answer, on this machine. */
  readonly ms: number;
}

/** An endpoint's scenario, measured. */
export interface MeasuredEndpoint {
  readonly operation: string;
  readonly variant: string;
  readonly budget: number;
  /** The first request that its function ever had. */
  readonly cold: Asked | undefined;
  readonly warm: Asked;
  /** The first request after a pause: session or key note their use with it. */
  readonly rested: Asked;
}

/** What the measured requests of all endpoints asked. */
export interface EndpointMeasures extends Section {
  readonly data: { readonly endpoints: readonly MeasuredEndpoint[] };
}

/** Sends every scenario of every endpoint and counts what its function asked of DynamoDB and KMS. */
export async function measureEndpoints(world: World): Promise<EndpointMeasures> {
  const endpoints: MeasuredEndpoint[] = [];
  const faults: string[] = [];
  for (const { operation, reply } of contracts) {
    for (const scenario of scenariosOf(operation)) {
      const name = nameOf({ operation, variant: scenario.variant });
      try {
        const measured = await measureScenario(world, operation, scenario, reply.status);
        endpoints.push(measured);
        faults.push(...overBudget(measured).map((fault) => `${name}: ${fault}`));
      } catch (error) {
        faults.push(`${name} cannot be measured: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
  return {
    title: 'Calls of one request',
    texts: [
      formatTable(
        [
          'endpoint',
          'trips',
          'budget',
          'calls',
          'after a pause',
          'read units',
          'write units',
          'KMS',
          'cold: trips',
          'calls',
          'KMS',
        ],
        endpoints.map(rowOf),
      ),
      'Trips: how often the request waits for DynamoDB; calls that are under way at once are one. Cold: the first request that the ' +
        'function ever had. After a pause of a minute a session notes its use (an API key after an hour), which a read waits for once more.',
    ],
    data: { endpoints },
    faults,
  };
}

async function measureScenario(
  world: World,
  operation: string,
  scenario: Scenario,
  status: number,
): Promise<MeasuredEndpoint> {
  const send = async (before: () => Promise<void> = async () => undefined) => {
    await world.stayFresh();
    const request = await scenario.begin(world);
    await before();
    return readCalls(world, await request(), scenario.status ?? status);
  };
  // The first of its way may open a key ring that no request before needed.
  await send();
  const [cold] = await callsOf(world, operation);
  const warm = await send();
  const rested = await send(() => world.letRest());
  return {
    operation,
    variant: scenario.variant,
    budget: budgetOf(operation, scenario.items).roundTrips,
    cold,
    warm,
    rested,
  };
}

/** What the newest requests of a function asked that were answered, the oldest of them first. */
export async function callsOf(
  { product }: { product: Pick<World['product'], 'ask'> },
  operation: string,
): Promise<Asked[]> {
  const { body } = await product.ask('GET', `/calls?function=${encodeURIComponent(operation)}&limit=10000`);
  const { requests } = listSchema.parse(body);
  return requests.filter((request) => request.ms !== undefined).map(askedBy);
}

/** What a request asked; throws when it was not answered with the status. */
export async function readCalls(world: World, answer: Answer, status: number): Promise<Asked> {
  if (answer.status !== status) throw new Error(`answered ${answer.status} ${answer.text.slice(0, 300)}`);
  const { body } = await world.product.ask('GET', `/calls?request_id=${encodeURIComponent(answer.requestId)}`);
  return askedBy(requestSchema.parse(body));
}

function askedBy(request: z.output<typeof requestSchema>): Asked {
  return {
    calls: request.dynamodb,
    roundTrips: roundTripsOf(request.calls),
    kms: request.kms,
    readUnits: request.read_units,
    writeUnits: request.write_units,
    ms: request.ms,
  };
}

/** What of an endpoint is over its budget. */
export function overBudget({ operation, budget, warm, rested }: MeasuredEndpoint): string[] {
  const { kms } = budgetOf(operation);
  return [
    ...(warm.roundTrips > budget ? [`${warm.roundTrips} round trips, the budget is ${budget}.`] : []),
    ...(rested.roundTrips > budget ? [`${rested.roundTrips} round trips after a pause, the budget is ${budget}.`] : []),
    ...(warm.kms > kms ? [`${warm.kms} calls to KMS, the budget is ${kms}.`] : []),
  ];
}

function rowOf({ operation, variant, budget, cold, warm, rested }: MeasuredEndpoint): Cell[] {
  return [
    nameOf({ operation, variant }),
    warm.roundTrips,
    budget,
    warm.calls,
    rested.roundTrips === warm.roundTrips ? '' : rested.roundTrips,
    warm.readUnits,
    warm.writeUnits,
    warm.kms,
    cold?.roundTrips ?? '',
    cold?.calls ?? '',
    cold?.kms ?? '',
  ];
}

function nameOf({ operation, variant }: Pick<MeasuredEndpoint, 'operation' | 'variant'>): string {
  return variant === '' ? operation : `${operation}  ${variant}`;
}
