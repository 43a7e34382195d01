import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { ProductInfo } from '../local/product.ts';

/** An item as it stands in the table. */
export type RawItem = Record<string, unknown>;

/**
 * The table itself, past every function and every role: to see what is really in it, and to change it as someone would who
 * got hold of it.
 */
export function openRawTable(info: ProductInfo) {
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: info.dynamo_db,
      region: info.region,
      credentials: { accessKeyId: info.operator_access_key_id, secretAccessKey: 'local' },
    }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
  const TableName = info.table_name;
  return {
    client,
    get: async (pk: string, sk: string): Promise<RawItem | undefined> =>
      (await client.send(new GetCommand({ TableName, Key: { pk, sk }, ConsistentRead: true }))).Item,
    put: async (item: RawItem): Promise<void> => void (await client.send(new PutCommand({ TableName, Item: item }))),
    set: async (pk: string, sk: string, attribute: string, value: unknown): Promise<void> =>
      void (await client.send(
        new UpdateCommand({
          TableName,
          Key: { pk, sk },
          UpdateExpression: 'SET #attribute = :value',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeNames: { '#attribute': attribute },
          ExpressionAttributeValues: { ':value': value },
        }),
      )),
    delete: async (pk: string, sk: string): Promise<void> =>
      void (await client.send(new DeleteCommand({ TableName, Key: { pk, sk } }))),
    /** All items of a partition. */
    all: async (pk: string): Promise<RawItem[]> => {
      const items: RawItem[] = [];
      for (let after: RawItem | undefined; ; ) {
        const page = await client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': pk },
            ConsistentRead: true,
            ...(after && { ExclusiveStartKey: after }),
          }),
        );
        items.push(...(page.Items ?? []));
        after = page.LastEvaluatedKey;
        if (after === undefined) return items;
      }
    },
  };
}
