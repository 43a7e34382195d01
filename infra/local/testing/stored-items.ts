import { type AttributeValue, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { Key } from '../../../shared/data/table-map.ts';
import type { ConnectedProduct } from '../testing.ts';

const eventSchema = z.looseObject({
  action: z.string(),
  status: z.string(),
  user_id: z.string().optional(),
  username: z.string().optional(),
  resource_id: z.string().optional(),
  ip_address: z.string(),
  details: z.record(z.string(), z.unknown()),
});

/** What stands in a product's table, past API and roles: for what no endpoint shows, and for states that take days to reach. */
export function storedItems({ info }: ConnectedProduct) {
  const plainClient = new DynamoDBClient({
    endpoint: info.dynamo_db,
    region: info.region,
    credentials: { accessKeyId: info.operator_access_key_id, secretAccessKey: 'local' },
  });
  const client = DynamoDBDocumentClient.from(plainClient);

  /** The items of a partition. */
  async function partition(pk: string): Promise<Record<string, unknown>[]> {
    const query = new QueryCommand({
      TableName: info.table_name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ConsistentRead: true,
    });
    return (await client.send(query)).Items ?? [];
  }

  /** The events about somebody, the newest first. */
  async function events(userId: string) {
    const items = await partition(`EVENT#${userId}`);
    return items.reverse().map((item) => eventSchema.parse(item));
  }

  /** Sets attributes of an item that is there. */
  async function change(key: Key, fields: Record<string, unknown>): Promise<void> {
    const names = Object.keys(fields);
    const update = new UpdateCommand({
      TableName: info.table_name,
      Key: key,
      UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, fields[name]])),
    });
    await client.send(update);
  }

  /**
   * Everything in the table as one text, to search for what must not be there: as it is stored, so numbers are all their digits,
   * and bytes in base64, hex and as characters.
   */
  async function text(): Promise<string> {
    const parts: string[] = [];
    let after: Record<string, AttributeValue> | undefined;
    do {
      const page = await plainClient.send(
        new ScanCommand({ TableName: info.table_name, ...(after && { ExclusiveStartKey: after }) }),
      );
      parts.push(JSON.stringify(page.Items, writeOut));
      after = page.LastEvaluatedKey;
    } while (after !== undefined);
    return parts.join('\n');
  }

  return { partition, events, change, text };
}

function writeOut(_name: string, value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value;
  const bytes = Buffer.from(value);
  return [bytes.toString('base64'), bytes.toString('hex'), bytes.toString('latin1')];
}
