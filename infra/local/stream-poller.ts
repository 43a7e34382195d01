import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { callDynamoDb, DynamoDbRefusal } from './dynamodb.ts';
import type { Invoked } from './function-instance.ts';
import type { GrantLedger } from './grant-ledger.ts';
import { decide } from './iam.ts';
import { type JsonRecord, parseJson } from './json.ts';
import { writePrivate } from './kms-keys.ts';
import type { StackFunction, StreamSource } from './local-stack.ts';
import { tableArn } from './required-access.ts';
import { deliver, type FailedBatch, type StreamRecord } from './stream-batch.ts';
import { readFilter } from './stream-filter.ts';
import { completeRecord } from './stream-image.ts';
import { local } from './template.ts';

export interface PollerOptions {
  readonly endpoint: string;
  readonly tableName: string;
  readonly source: StreamSource;
  readonly invoke: (event: unknown) => Promise<Invoked>;
  /** Where the read positions are kept between starts. Without it every start reads what the stream still holds. */
  readonly positionFile?: string | undefined;
}

/** Reads the table's stream for one function. */
export interface StreamPoller {
  pause(): void;
  resume(): void;
  state(): {
    function: string;
    paused: boolean;
    /** How often all shards were read and nothing new was in them. */
    idle_passes: number;
    failures: readonly FailedBatch[];
    /** Why it cannot read at the moment. */
    trouble?: string;
  };
  stop(): Promise<void>;
}

const idleMs = 150;
// A shard lasts four hours; a child of one is found this late at most.
const shardsMs = 2000;

const shardSchema = z.object({ ShardId: z.string(), ParentShardId: z.string().optional() });
const streamSchema = z.object({
  StreamDescription: z.object({ Shards: z.array(shardSchema), LastEvaluatedShardId: z.string().optional() }),
});
const recordSchema = z.looseObject({ dynamodb: z.looseObject({ SequenceNumber: z.string() }) });
const recordsSchema = z.object({ Records: z.array(recordSchema), NextShardIterator: z.string().optional() });
const positionsSchema = z.object({ stream: z.string(), positions: z.record(z.string(), z.string()) });

/** Polls every shard of the stream, a shard after its parent, until it is stopped. */
export function startStreamPoller(options: PollerOptions): StreamPoller {
  const { endpoint, source } = options;
  const fits = readFilter(source.patterns);
  const ending = new AbortController();
  const failures: FailedBatch[] = [];
  const iterators = new Map<string, string>();
  const drained = new Set<string>();
  let positions: Record<string, string> = {};
  let shards: z.output<typeof shardSchema>[] = [];
  let shardsAt = 0;
  let isPaused = false;
  let stream: string | undefined;
  let trouble: string | undefined;
  let idlePasses = 0;

  const call = (operation: string, body: object) =>
    callDynamoDb(endpoint, `DynamoDBStreams_20120810.${operation}`, body);

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        const stream = await openStream();
        const found = isPaused ? 0 : await pass(stream);
        trouble = undefined;
        if (found > 0) continue;
        if (!isPaused) idlePasses += 1;
      } catch (error) {
        if (ending.signal.aborted) return;
        // What was not delivered is read again.
        trouble = error instanceof Error ? error.message : String(error);
        iterators.clear();
      }
      await wait(idleMs, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  }

  async function openStream(): Promise<string> {
    if (stream === undefined) {
      stream = await latestStream(endpoint, options.tableName);
      positions = readPositions(options.positionFile, stream);
    }
    return stream;
  }

  /** Reads each shard once; says how many records there were. */
  async function pass(stream: string): Promise<number> {
    if (Date.now() - shardsAt > shardsMs) {
      shards = await listShards(stream);
      shardsAt = Date.now();
    }
    const known = new Set(shards.map(({ ShardId }) => ShardId));
    const open = shards.filter(({ ShardId, ParentShardId: parent }) => {
      return !drained.has(ShardId) && (parent === undefined || !known.has(parent) || drained.has(parent));
    });
    let found = 0;
    for (const { ShardId } of open) found += await readShard(stream, ShardId);
    return found;
  }

  async function readShard(stream: string, shard: string): Promise<number> {
    const iterator = iterators.get(shard) ?? (await iteratorOf(stream, shard));
    const page = await call('GetRecords', { ShardIterator: iterator, Limit: Math.min(source.batchSize, 1000) }).catch(
      (error: unknown) => {
        // Its time is up, or what it points to is gone: the next pass takes a new one.
        iterators.delete(shard);
        if (error instanceof DynamoDbRefusal) return { Records: [], NextShardIterator: iterator };
        throw error;
      },
    );
    const { Records, NextShardIterator } = recordsSchema.parse(page);
    const records = Records.map(completeRecord).map((record) => {
      return asDelivered(record, record.dynamodb.SequenceNumber, options.tableName);
    });
    const { operation, bisects, reportsItemFailures, maxRetries, windowSeconds } = source;
    await deliver(
      records.filter(({ event }) => fits(event)),
      {
        operation,
        bisects,
        reportsItemFailures,
        maxRetries,
        ...(windowSeconds > 0 && { window: { shard, seconds: windowSeconds } }),
        invoke: options.invoke,
        onFailed: (failed) => failures.push(failed),
        signal: ending.signal,
      },
    );
    const last = records.at(-1);
    if (last !== undefined) keepPosition(stream, shard, last.sequenceNumber);
    if (NextShardIterator === undefined) drained.add(shard);
    else iterators.set(shard, NextShardIterator);
    return records.length;
  }

  async function listShards(stream: string) {
    const all: typeof shards = [];
    for (let after: string | undefined; ; ) {
      const page = await call('DescribeStream', { StreamArn: stream, ...(after && { ExclusiveStartShardId: after }) });
      const { Shards, LastEvaluatedShardId } = streamSchema.parse(page).StreamDescription;
      all.push(...Shards);
      after = LastEvaluatedShardId;
      if (after === undefined) return all;
    }
  }

  async function iteratorOf(stream: string, shard: string): Promise<string> {
    const position = positions[shard];
    const at =
      position === undefined
        ? { ShardIteratorType: source.startsAt }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: position };
    const answer = await call('GetShardIterator', { StreamArn: stream, ShardId: shard, ...at }).catch(
      (error: unknown) => {
        // What was read last is trimmed: the oldest that is left comes next.
        if (!(error instanceof DynamoDbRefusal) || position === undefined) throw error;
        return call('GetShardIterator', { StreamArn: stream, ShardId: shard, ShardIteratorType: 'TRIM_HORIZON' });
      },
    );
    return z.object({ ShardIterator: z.string() }).parse(answer).ShardIterator;
  }

  function keepPosition(stream: string, shard: string, sequenceNumber: string): void {
    positions = { ...positions, [shard]: sequenceNumber };
    if (options.positionFile) writePrivate(options.positionFile, JSON.stringify({ stream, positions }));
  }

  const running = run();

  return {
    pause: () => {
      isPaused = true;
    },
    resume: () => {
      isPaused = false;
    },
    state: () => ({
      function: source.operation,
      paused: isPaused,
      idle_passes: idlePasses,
      failures,
      ...(trouble !== undefined && { trouble }),
    }),
    stop: async () => {
      ending.abort();
      await running;
    },
  };
}

/**
 * Throws a sentence when the consumer's role lacks what Lambda needs to read the stream for it (Lambda developer guide, “Using
 * Lambda with DynamoDB”). What it needs counts as used: here nobody calls the stream by that role.
 */
export function requireStreamAccess(
  { operation, statements }: StackFunction,
  source: StreamSource,
  tableName: string,
  grants: Pick<GrantLedger, 'add'>,
): void {
  const stream = `${tableArn(tableName)}/stream/local`;
  const needed = ['GetRecords', 'GetShardIterator', 'DescribeStream', 'ListStreams'].map((name) => ({
    action: `dynamodb:${name}`,
    resource: stream,
  }));
  if (source.failureQueue !== undefined) needed.push({ action: 'sqs:SendMessage', resource: source.failureQueue });
  for (const access of needed.map((one) => ({ ...one, context: {} }))) {
    const decision = decide(statements, access);
    if (decision.verdict === 'allow') {
      grants.add(operation, access, decision.statement);
      continue;
    }
    throw new Error(
      `The role of ${operation} lacks ${access.action} on ${access.resource}: Lambda could not read the stream for it.`,
    );
  }
}

async function latestStream(endpoint: string, tableName: string): Promise<string> {
  const { Table } = await callDynamoDb(endpoint, 'DescribeTable', { TableName: tableName });
  return z.object({ LatestStreamArn: z.string() }).parse(Table).LatestStreamArn;
}

function readPositions(file: string | undefined, stream: string): Record<string, string> {
  if (file === undefined || !existsSync(file)) return {};
  const read = positionsSchema.safeParse(parseJson(readFileSync(file, 'utf8')));
  return read.success && read.data.stream === stream ? read.data.positions : {};
}

function asDelivered(record: JsonRecord, sequenceNumber: string, tableName: string): StreamRecord {
  const event = { ...record, awsRegion: local.region, eventSourceARN: `${tableArn(tableName)}/stream/local` };
  return { sequenceNumber, event };
}
