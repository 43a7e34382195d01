import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type AuditEvent, record } from '../../shared/data/events.ts';
import { newId } from '../../shared/domain/ids.ts';
import { events } from '../../shared/domain/policy.ts';
import type { Access } from '../testing/otp-user.ts';
import { budgets } from './budgets.ts';
import { callsOf, readCalls } from './endpoints.ts';
import { formatTable } from './format-table.ts';
import type { Section } from './section.ts';
import type { World } from './world.ts';

/** What reading a count costs, with so many events in the table. */
export interface CountReading {
  readonly path: string;
  /** Read units, one for each number of events. */
  readonly units: readonly number[];
}

/** What reading counts costs, and what it costs to count. */
export interface CountMeasures extends Section {
  readonly data: {
    readonly events: readonly number[];
    readonly readings: readonly CountReading[];
    /** One event's share of the consumer's batches. */
    readonly counting: { readonly readUnits: number; readonly writeUnits: number; readonly ms: number };
  };
}

const sizes = { always: [1000, 10_000], full: [1000, 10_000, 100_000] } as const;

const [batchItems, batchesAtOnce] = [25, 8];

/** Fills the trail, lets the stream's consumer count it, and reads statistics and metrics at each size. */
export async function measureCounts(world: World, { full }: { full: boolean }): Promise<CountMeasures> {
  const asMember: Access = { client: world.member.client, token: world.member.token };
  const asAdmin: Access = { client: world.admin.client, token: world.admin.token };
  const readers: readonly (readonly [path: string, access: Access])[] = [
    ['/otp/stats', asMember],
    ['/otp/stats/enhanced', asMember],
    ['/user/metrics', asMember],
    ['/system/metrics', asAdmin],
    ['/audit/timeline', asAdmin],
    ['/audit/timeline?hours=720', asAdmin],
  ];
  const counts = full ? sizes.full : sizes.always;
  const units = new Map<string, number[]>(readers.map(([path]) => [path, []]));
  const faults: string[] = [];
  let [written, total] = [0, 0];
  // A cold function reads the signing keys, too, and that is no matter of how many events there are.
  for (const [path, { client, token }] of readers) await readCalls(world, await client.get(path, { token }), 200);
  const before = (await callsOf(world, 'stream/count-events')).length;
  for (const size of counts) {
    await writeEvents(world, written, size);
    written = size;
    await world.product.streamIsRead(300_000);
    for (const [path, { client, token }] of readers) {
      const answer = await client.get(path, { token });
      units.get(path)?.push((await readCalls(world, answer, 200)).readUnits);
      if (path.endsWith('hours=720')) total = eventsIn(answer.body);
    }
    // Else what was read would not be what was written.
    if (total < size) faults.push(`The timeline cannot be measured at ${size} events: it counts ${total}.`);
  }
  const batches = (await callsOf(world, 'stream/count-events')).slice(before);
  const share = (amountOf: (batch: (typeof batches)[number]) => number) =>
    batches.reduce((sum, batch) => sum + amountOf(batch), 0) / written;
  const readings = [...units].map(([path, read]): CountReading => ({ path, units: read }));
  return {
    title: 'Read units of statistics and metrics, by events in the table',
    texts: [
      formatTable(
        ['endpoint', ...counts.map((size) => size.toLocaleString('en'))],
        readings.map(({ path, units: read }) => [path, ...read]),
      ),
    ],
    data: {
      events: counts,
      readings,
      counting: {
        readUnits: share(({ readUnits }) => readUnits),
        writeUnits: share(({ writeUnits }) => writeUnits),
        ms: share(({ ms }) => ms),
      },
    },
    faults: [...faults, ...countFaults(readings)],
  };
}

/** Which endpoints cost more the more events there are. */
export function countFaults(readings: readonly CountReading[]): string[] {
  return readings.flatMap(({ path, units }) => {
    const [least, most] = [Math.min(...units), Math.max(...units)];
    if (units.length > 0 && most - least <= budgets.unitsGrowth) return [];
    return [`${path}: ${units.join(', ')} read units as events grow; they must stay the same.`];
  });
}

const kinds = [
  ['otp_generate', 'otp_config', 'success'],
  ['otp_validate', 'otp_config', 'success'],
  ['otp_validate', 'otp_config', 'failure'],
  ['login', 'session', 'success'],
  ['login', 'session', 'failure'],
] as const;

/** Writes events as the service does, spread over the last 24 hours in such a way that each hour has each kind from the first size on. */
async function writeEvents({ product: { info }, member }: World, from: number, to: number): Promise<void> {
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: info.dynamo_db,
      region: info.region,
      credentials: { accessKeyId: info.operator_access_key_id, secretAccessKey: 'local' },
    }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
  const now = Date.now();
  const requests = Array.from({ length: to - from }, (_, index) => {
    const at = from + index;
    const [action, resource, status] = kinds[at % kinds.length] ?? kinds[0];
    const event: AuditEvent = {
      id: newId(16),
      user_id: member.user.id,
      username: member.username,
      action,
      resource,
      resource_id: '1',
      status,
      ip_address: '127.0.0.1',
      user_agent: 'bench',
      at: now - (Math.floor(at / kinds.length) % 24) * 3_600_000 - (at % 1000),
      request_id: `bench-${at}`,
      details: { result: status },
    };
    return {
      PutRequest: { Item: record(member.user.id, event, events.daysDefault).inTable(info.table_name).Put?.Item },
    };
  });
  const batches = Array.from({ length: Math.ceil(requests.length / batchItems) }, (_, at) =>
    requests.slice(at * batchItems, (at + 1) * batchItems),
  );
  const write = async () => {
    for (let next = batches.shift(); next !== undefined; next = batches.shift()) {
      await client.send(new BatchWriteCommand({ RequestItems: { [info.table_name]: next } }));
    }
  };
  await Promise.all(Array.from({ length: batchesAtOnce }, write));
  client.destroy();
}

function eventsIn(timeline: { success: number; failure: number }[]): number {
  return timeline.reduce((sum, { success, failure }) => sum + success + failure, 0);
}
