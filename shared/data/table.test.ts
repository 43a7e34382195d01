import { TransactionCanceledException, TransactionInProgressException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, it } from 'vitest';
import { exists, put, update } from './expression.ts';
import { openTable, TableUnavailable } from './table.ts';
import { keyOf } from './table-map.ts';

// The branches of reads and commits. How the SDK itself retries is tested over HTTP, where its calls are real.
process.env['AWS_REGION'] = 'us-east-1';
const dynamodb = mockClient(DynamoDBDocumentClient);
const table = openTable('otp');
const soon = () => AbortSignal.timeout(1000);

const key = keyOf('CONFIG', 'someone', '0000000001');
const writes = [update(key, { set: { a: 1 } }, exists), put(key, { b: 2 }, exists, 'username_taken')];

function cancelled(...codes: string[]) {
  const CancellationReasons = codes.map((Code) => ({ Code }));
  return new TransactionCanceledException({ $metadata: {}, message: 'cancelled', CancellationReasons });
}

afterEach(() => dynamodb.reset());

describe('commit', () => {
  it.each([
    ['a condition that moved', ['ConditionalCheckFailed', 'None'], 'decide_again'],
    ['a condition that has a meaning', ['None', 'ConditionalCheckFailed'], { problem: 'username_taken' }],
    ['two transactions that met', ['None', 'TransactionConflict'], 'conflict'],
    ['a table that is throttled', ['ThrottlingError', 'ProvisionedThroughputExceeded'], 'conflict'],
    ['a condition beside a conflict', ['TransactionConflict', 'ConditionalCheckFailed'], { problem: 'username_taken' }],
  ])('tells %s', async (_, codes, outcome) => {
    dynamodb.on(TransactWriteCommand).rejects(cancelled(...codes));
    expect(await table.commit(writes, 'token', soon())).toEqual(outcome);
  });

  it('throws for what is our own defect, and does not say that the table is unavailable', async () => {
    dynamodb.on(TransactWriteCommand).rejects(cancelled('ValidationError', 'None'));
    await expect(table.commit(writes, 'token', soon())).rejects.not.toBeInstanceOf(TableUnavailable);
  });

  it('asks again with the same token while the first attempt is still being applied', async () => {
    dynamodb
      .on(TransactWriteCommand)
      .rejectsOnce(new TransactionInProgressException({ $metadata: {}, message: 'in progress' }))
      .resolvesOnce({});
    expect(await table.commit(writes, 'the token', soon())).toBe('committed');
    const tokens = dynamodb.commandCalls(TransactWriteCommand).map((call) => call.args[0].input.ClientRequestToken);
    expect(tokens).toEqual(['the token', 'the token']);
  });

  it('is unavailable when the deadline passes before the table has said how it ended', async () => {
    dynamodb
      .on(TransactWriteCommand)
      .rejects(new TransactionInProgressException({ $metadata: {}, message: 'in progress' }));
    await expect(table.commit(writes, 'token', AbortSignal.timeout(50))).rejects.toBeInstanceOf(TableUnavailable);
  });
});

describe('readItems', () => {
  it('asks again for what a batch left out', async () => {
    const first = keyOf('CONFIG', 'someone', '0000000001');
    const second = keyOf('CONFIG', 'someone', '0000000002');
    dynamodb
      .on(BatchGetCommand)
      .resolvesOnce({ Responses: { otp: [{ ...first }] }, UnprocessedKeys: { otp: { Keys: [{ ...second }] } } })
      .resolvesOnce({ Responses: { otp: [{ ...second }] } });
    const items = await table.readItems([first, second], soon());
    expect([...items.values()]).toEqual([first, second]);
  });

  it('asks for each item once and for no more than a batch takes', async () => {
    dynamodb.on(BatchGetCommand).resolves({ Responses: { otp: [] } });
    const keys = Array.from({ length: 150 }, (_, id) => keyOf('CONFIG', 'someone', String(id)));
    await table.readItems([...keys, ...keys], soon());
    const sizes = dynamodb
      .commandCalls(BatchGetCommand)
      .map((call) => call.args[0].input.RequestItems?.['otp']?.Keys?.length);
    expect(sizes).toEqual([100, 50]);
  });

  it('reads strongly consistent, since decisions stand on it', async () => {
    dynamodb.on(BatchGetCommand).resolves({ Responses: { otp: [] } });
    await table.readItems([key], soon());
    const [call] = dynamodb.commandCalls(BatchGetCommand);
    expect(call?.args[0].input.RequestItems?.['otp']?.ConsistentRead).toBe(true);
  });
});
