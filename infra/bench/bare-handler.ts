import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  type BatchGetCommandInput,
  DynamoDBDocumentClient,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';

/*
 * What the service's own bundles and handlers are measured against: the DynamoDB document client with the commands that the table
 * uses, and a handler that makes the two calls of a validation and does nothing else.
 */

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

/** The two calls, ready made. */
export interface TwoCalls {
  readonly read: BatchGetCommandInput;
  readonly write: TransactWriteCommandInput;
}

/** Makes the two calls. */
export async function handler({ read, write }: TwoCalls): Promise<{ statusCode: number }> {
  await client.send(new BatchGetCommand(read));
  await client.send(new TransactWriteCommand({ ...write, ClientRequestToken: randomUUID() }));
  return { statusCode: 200 };
}

/** The third command of the service's table: the same client is in both bundles. */
export const commands = [QueryCommand];
