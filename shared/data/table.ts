import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient, TransactionCanceledException, TransactionInProgressException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod/mini';
import type { ProblemCode } from '../api/problems.ts';
import { request } from '../domain/policy.ts';
import type { Write } from './expression.ts';
import type { IndexName, Key } from './table-map.ts';

/** An item that an endpoint wants to read: where it is and what it must look like. */
export interface ItemRef<T = unknown> {
  readonly key: Key;
  readonly schema: z.ZodMiniType<T>;
}

/** A range of items under one partition key, of the table or of an index. */
export interface RangeRef<T = unknown> {
  readonly partition: string;
  readonly index?: IndexName;
  readonly schema: z.ZodMiniType<T>;
  /** On the sort key: begins with, or between (both ends included). */
  readonly beginsWith?: string;
  readonly between?: readonly [string, string];
  readonly limit?: number;
  readonly newestFirst?: boolean;
  /** The key of the last row of the page before. */
  readonly after?: Record<string, unknown> | undefined;
  /** Rows that do not fit are not answered, though they count towards `limit`. */
  readonly filter?: {
    readonly text: string;
    readonly names: Record<string, string>;
    readonly values: Record<string, unknown>;
  };
}

/** A page of a range. `next` is there while there may be more. */
export interface Range<T> {
  readonly rows: T[];
  readonly next: Record<string, unknown> | undefined;
}

/** Why a commit did not happen. */
export type CommitOutcome = 'committed' | 'conflict' | { readonly problem: ProblemCode } | 'decide_again';

/** The table cannot be reached, or not in time: the client is told to try again, and nothing was decided. */
export class TableUnavailable extends Error {
  override readonly name = 'TableUnavailable';
}

/** Reads and commits; made once per function and shared by its requests. */
export type Table = ReturnType<typeof openTable>;

// BatchGetItem takes at most 100 keys.
const batchSize = 100;

/** The table `tableName`. Endpoint and credentials come from the SDK's own environment. */
export function openTable(tableName: string) {
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      // With 2 s an attempt, a call that hangs once is answered within the deadline, one that takes 1.5 s is not cut off.
      maxAttempts: 3,
      requestHandler: { connectionTimeout: 500, requestTimeout: 2000, throwOnRequestTimeout: true },
    }),
    { marshallOptions: { removeUndefinedValues: true } },
  );

  /** Reads items by key, strongly consistent; those that are not there are absent from the answer. */
  async function readItems(keys: readonly Key[], deadline: AbortSignal): Promise<Map<string, Record<string, unknown>>> {
    const distinct = [...new Map(keys.map((key) => [nameOf(key), key])).values()];
    const batches = Array.from({ length: Math.ceil(distinct.length / batchSize) }, (_, at) =>
      readBatch(distinct.slice(at * batchSize, (at + 1) * batchSize), deadline),
    );
    const items = (await Promise.all(batches)).flat();
    return new Map(items.map((item) => [`${item['pk']}|${item['sk']}`, item]));
  }

  async function readBatch(keys: readonly Key[], deadline: AbortSignal): Promise<Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    let missing: Record<string, unknown>[] = keys.map((key) => ({ pk: key.pk, sk: key.sk }));
    for (let attempt = 0; missing.length > 0; attempt++) {
      if (attempt > 0) await pause(attempt, deadline);
      const answer = await send(() =>
        client.send(new BatchGetCommand({ RequestItems: { [tableName]: { Keys: missing, ConsistentRead: true } } }), {
          abortSignal: deadline,
        }),
      );
      found.push(...(answer.Responses?.[tableName] ?? []));
      missing = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
    return found;
  }

  /** Reads one page of a range; strongly consistent unless it goes through an index, which cannot be. */
  async function readRange<T>(range: RangeRef<T>, deadline: AbortSignal): Promise<Range<T>> {
    const answer = await send(() =>
      client.send(new QueryCommand({ TableName: tableName, ...queryOf(range) }), { abortSignal: deadline }),
    );
    return { rows: (answer.Items ?? []).map((item) => range.schema.parse(item)), next: answer.LastEvaluatedKey };
  }

  /**
   * Applies all writes or none. The SDK sends the same token with each of its own attempts, so that an answer that got lost is
   * not a second commit. `conflict` and `decide_again` ask the caller to load and decide once more.
   */
  async function commit(writes: readonly Write[], token: string, deadline: AbortSignal): Promise<CommitOutcome> {
    const command = new TransactWriteCommand({
      TransactItems: writes.map((write) => write.inTable(tableName)),
      ClientRequestToken: token,
    });
    for (let attempt = 1; ; attempt++) {
      try {
        await client.send(command, { abortSignal: deadline });
        return 'committed';
      } catch (error) {
        if (error instanceof TransactionCanceledException) return meaningOf(error, writes);
        // The first attempt is still being applied: only asking again with the same token tells how it ended.
        if (!(error instanceof TransactionInProgressException)) throw unavailable(error);
        await pause(attempt, deadline);
      }
    }
  }

  return { readItems, readRange, commit };
}

/** Waits before an attempt is made again: full jitter, so that those who collided do not meet again. */
export async function pause(attempt: number, deadline: AbortSignal): Promise<void> {
  const ceiling = Math.min(request.backoffMs.max, request.backoffMs.first * 2 ** (attempt - 1));
  try {
    await wait(Math.random() * ceiling, undefined, { signal: deadline });
  } catch (cause) {
    throw new TableUnavailable('out of time', { cause });
  }
}

/** The name of an item in the answer of `readItems`. */
export function nameOf(key: Key): string {
  return `${key.pk}|${key.sk}`;
}

function meaningOf(error: TransactionCanceledException, writes: readonly Write[]): CommitOutcome {
  const reasons = error.CancellationReasons ?? [];
  for (const [at, reason] of reasons.entries()) {
    const otherwise = writes[at]?.otherwise;
    if (reason.Code === 'ConditionalCheckFailed' && otherwise !== undefined) {
      return otherwise === 'decide_again' ? otherwise : { problem: otherwise };
    }
  }
  const transient = ['None', 'TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];
  if (reasons.length > 0 && reasons.every((reason) => transient.includes(reason.Code ?? 'None'))) return 'conflict';
  throw new Error('the table refused a commit', { cause: error });
}

async function send<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw unavailable(error);
  }
}

// What the client did wrong itself is a defect of ours (or a missing grant) and no reason to try again.
function unavailable(cause: unknown): Error {
  const defects = ['ValidationException', 'AccessDeniedException', 'ResourceNotFoundException'];
  if (cause instanceof Error && defects.includes(cause.name)) return new Error('the table refused a call', { cause });
  return new TableUnavailable('the table did not answer', { cause });
}

function queryOf(range: RangeRef): Omit<QueryCommandInput, 'TableName'> {
  const [partitionKey, sortKey] = range.index === undefined ? ['pk', 'sk'] : [`${range.index}_pk`, `${range.index}_sk`];
  const sort =
    range.beginsWith !== undefined
      ? { text: ' AND begins_with(#sort, :from)', values: { ':from': range.beginsWith } }
      : range.between !== undefined
        ? { text: ' AND #sort BETWEEN :from AND :to', values: { ':from': range.between[0], ':to': range.between[1] } }
        : undefined;
  return {
    KeyConditionExpression: `#partition = :partition${sort?.text ?? ''}`,
    ExpressionAttributeNames: {
      '#partition': partitionKey,
      ...(sort && { '#sort': sortKey }),
      ...range.filter?.names,
    },
    ExpressionAttributeValues: { ':partition': range.partition, ...sort?.values, ...range.filter?.values },
    ScanIndexForward: range.newestFirst !== true,
    ConsistentRead: range.index === undefined,
    ...(range.index !== undefined && { IndexName: range.index }),
    ...(range.limit !== undefined && { Limit: range.limit }),
    ...(range.after !== undefined && { ExclusiveStartKey: range.after }),
    ...(range.filter !== undefined && { FilterExpression: range.filter.text }),
  };
}
