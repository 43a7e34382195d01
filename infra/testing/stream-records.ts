import * as z from 'zod';
import { callDynamoDb } from '../local/dynamodb.ts';
import type { ProductInfo } from '../local/product.ts';
import { completeRecord } from '../local/stream-image.ts';

/** A record of a table's stream as it is handed to a function. */
export type StreamRecord = Record<string, unknown> & { readonly dynamodb: { readonly SequenceNumber: string } };

const tableSchema = z.object({ Table: z.object({ LatestStreamArn: z.string() }) });
const streamSchema = z.object({ StreamDescription: z.object({ Shards: z.array(z.object({ ShardId: z.string() })) }) });
const iteratorSchema = z.object({ ShardIterator: z.string() });
const recordSchema = z.looseObject({ dynamodb: z.looseObject({ SequenceNumber: z.string() }) });
const pageSchema = z.object({ Records: z.array(recordSchema), NextShardIterator: z.string().optional() });

/** All that a table's stream holds, by shard, in order. */
export async function readStream({ dynamo_db, table_name }: ProductInfo): Promise<Map<string, StreamRecord[]>> {
  const call = (operation: string, body: object) =>
    callDynamoDb(dynamo_db, `DynamoDBStreams_20120810.${operation}`, body);
  const StreamArn = tableSchema.parse(await callDynamoDb(dynamo_db, 'DescribeTable', { TableName: table_name })).Table
    .LatestStreamArn;
  const { Shards } = streamSchema.parse(await call('DescribeStream', { StreamArn })).StreamDescription;
  const shards = new Map<string, StreamRecord[]>();
  for (const { ShardId } of Shards) {
    const records: StreamRecord[] = [];
    const from = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    let iterator: string | undefined = iteratorSchema.parse(await call('GetShardIterator', from)).ShardIterator;
    while (iterator !== undefined) {
      const page: z.output<typeof pageSchema> = pageSchema.parse(await call('GetRecords', { ShardIterator: iterator }));
      records.push(...page.Records.map(completeRecord));
      // An open shard goes on for ever: the first page without a record is its end for now.
      iterator = page.Records.length === 0 ? undefined : page.NextShardIterator;
    }
    shards.set(ShardId, records);
  }
  return shards;
}
