import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { callDynamoDb, createTable, type DynamoDb, startDynamoDb, tableSchema } from './dynamodb.ts';
import { GrantLedger } from './grant-ledger.ts';
import { readStatement } from './iam.ts';
import type { StackFunction, StreamSource } from './local-stack.ts';
import { requireStreamAccess, type StreamPoller, startStreamPoller } from './stream-poller.ts';
import { sampleTemplate } from './testing/sample-stack.ts';

const source: StreamSource = {
  operation: 'stream/count-items',
  batchSize: 10,
  bisects: true,
  reportsItemFailures: false,
  maxRetries: 1,
  failureQueue: 'arn:aws:sqs:us-east-1:000000000000:Failures',
  patterns: [{ dynamodb: { Keys: { pk: { S: [{ prefix: 'ITEM#' }] } } } }],
  startsAt: 'TRIM_HORIZON',
  windowSeconds: 0,
};

let dynamoDb: DynamoDb;
let tables = 0;
const folder = mkdtempSync(join(tmpdir(), 'positions-'));
let pollers: StreamPoller[] = [];

beforeAll(async () => {
  dynamoDb = await startDynamoDb();
}, 30_000);
afterEach(async () => {
  await Promise.all(pollers.map((poller) => poller.stop()));
  pollers = [];
});
afterAll(async () => {
  await dynamoDb?.stop();
  rmSync(folder, { recursive: true });
});

async function newTable(): Promise<string> {
  const name = `stream-${++tables}`;
  await createTable(dynamoDb.endpoint, name, tableSchema.parse(sampleTemplate().Resources.Table?.Properties));
  return name;
}

async function write(tableName: string, ...partitions: string[]): Promise<void> {
  for (const pk of partitions)
    await callDynamoDb(dynamoDb.endpoint, 'PutItem', { TableName: tableName, Item: { pk: { S: pk }, sk: { S: '1' } } });
}

/** Polls, and keeps what the function was given. */
function poll(tableName: string, positionFile?: string, fails: (partition: string) => boolean = () => false) {
  const batches: string[][] = [];
  const events: unknown[] = [];
  const poller = startStreamPoller({
    endpoint: dynamoDb.endpoint,
    tableName,
    source,
    positionFile,
    invoke: async (event) => {
      const partitions: string[] = Object(event).Records.map(
        (record: { dynamodb: { Keys: { pk: { S: string } } } }) => record.dynamodb.Keys.pk.S,
      );
      if (partitions.some(fails)) return { ok: false, errorType: 'Error', errorMessage: 'poison' };
      batches.push(partitions);
      events.push(event);
      return { ok: true, payload: 'null' };
    },
  });
  pollers.push(poller);
  return { poller, events, seen: () => batches.flat() };
}

const items = (count: number) => Array.from({ length: count }, (_, at) => `ITEM#${String(at).padStart(2, '0')}`);

describe('startStreamPoller', () => {
  it('hands on every record that fits, in order, in batches', async () => {
    const table = await newTable();
    await write(table, 'COUNT#x', ...items(25), 'COUNT#y');
    const { seen } = poll(table);
    await vi.waitFor(() => expect(seen()).toEqual(items(25)), 5000);
    await write(table, 'ITEM#later');
    await vi.waitFor(() => expect(seen()).toHaveLength(26), 5000);
  });

  it('gives records the form in which Lambda gives them', async () => {
    const table = await newTable();
    await write(table, 'ITEM#1');
    const { events } = poll(table);
    await vi.waitFor(() => expect(events).toHaveLength(1), 5000);
    expect(events[0]).toMatchObject({
      Records: [
        {
          eventName: 'INSERT',
          eventSource: 'aws:dynamodb',
          awsRegion: 'us-east-1',
          eventSourceARN: `arn:aws:dynamodb:us-east-1:000000000000:table/${table}/stream/local`,
          dynamodb: {
            Keys: { pk: { S: 'ITEM#1' }, sk: { S: '1' } },
            NewImage: { pk: { S: 'ITEM#1' } },
            SequenceNumber: expect.any(String),
            StreamViewType: 'NEW_AND_OLD_IMAGES',
          },
        },
      ],
    });
  });

  it('waits while it is paused, and loses nothing', async () => {
    const table = await newTable();
    const { poller, seen } = poll(table);
    poller.pause();
    await write(table, 'ITEM#1');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect([seen(), poller.state().paused]).toEqual([[], true]);
    poller.resume();
    await vi.waitFor(() => expect(seen()).toEqual(['ITEM#1']), 5000);
  });

  it('puts a poison record aside and goes on', async () => {
    const table = await newTable();
    await write(table, ...items(6));
    const { poller, seen } = poll(table, undefined, (partition) => partition === 'ITEM#02');
    await vi.waitFor(() => expect(seen()).toHaveLength(5), 8000);
    expect(seen()).not.toContain('ITEM#02');
    expect(poller.state().failures).toMatchObject([{ records: 1, error: 'Error: poison' }]);
  }, 15_000);

  it('goes on after a restart where it was', async () => {
    const table = await newTable();
    const file = join(folder, 'position.json');
    await write(table, 'ITEM#before');
    const first = poll(table, file);
    await vi.waitFor(() => expect(first.seen()).toEqual(['ITEM#before']), 5000);
    await first.poller.stop();
    await write(table, 'ITEM#after');
    const second = poll(table, file);
    await vi.waitFor(() => expect(second.seen()).toEqual(['ITEM#after']), 5000);
    const other = await newTable();
    await write(other, 'ITEM#of-another-table');
    const third = poll(other, file);
    await vi.waitFor(() => expect(third.seen()).toEqual(['ITEM#of-another-table']), 5000);
  }, 20_000);
});

describe('requireStreamAccess', () => {
  const reads = {
    Effect: 'Allow',
    Action: 'dynamodb:*',
    Resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/otp/stream/*',
  };
  const sends = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: source.failureQueue };
  const consumer = (...statements: object[]): StackFunction => ({
    operation: 'stream/count-items',
    name: 'n',
    arn: 'a',
    role: 'r',
    statements: statements.map(readStatement),
    environment: {},
    timeoutSeconds: 1,
    memoryMb: 128,
  });

  it('lets a role through that may read the stream and write to the failure queue', () => {
    const grants = new GrantLedger();
    expect(() => requireStreamAccess(consumer(reads, sends), source, 'otp', grants)).not.toThrow();
    expect(grants.used().map(({ action }) => action)).toEqual([
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
      'sqs:SendMessage',
    ]);
  });

  it('names what the role lacks', () => {
    expect(() => requireStreamAccess(consumer(sends), source, 'otp', new GrantLedger())).toThrow(
      'stream/count-items lacks dynamodb:GetRecords',
    );
    expect(() => requireStreamAccess(consumer(reads), source, 'otp', new GrantLedger())).toThrow(
      'lacks sqs:SendMessage',
    );
  });
});
