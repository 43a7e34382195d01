import { createHash } from 'node:crypto';
import {
  BatchGetItemCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DecryptCommand, GenerateDataKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AwsEdge, type Principal, startAwsEdge } from './aws-edge.ts';
import { CallLedger } from './call-ledger.ts';
import { callDynamoDb, createTable, type DynamoDb, startDynamoDb, tableSchema } from './dynamodb.ts';
import { Faults, faultSchema } from './faults.ts';
import { GrantLedger } from './grant-ledger.ts';
import { readStatement } from './iam.ts';
import { openKms } from './kms.ts';
import { loadKeys } from './kms-keys.ts';
import { sampleTemplate } from './testing/sample-stack.ts';

const tableName = 'otp-edge';
const arn = `arn:aws:dynamodb:us-east-1:000000000000:table/${tableName}`;
const keys = loadKeys([
  { logicalId: 'DataKey', spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT', aliases: [] },
  { logicalId: 'SigningKey', spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY', aliases: [] },
]);
const [dataKey = '', signingKey = ''] = keys.map(({ id }) => id);

const grant = (actions: string[], partitions: string[], resource = arn) => ({
  Effect: 'Allow',
  Action: actions.map((action) => `dynamodb:${action}`),
  Resource: resource,
  Condition: {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  },
});
const ringGrant = {
  Effect: 'Allow',
  Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
  Resource: keys[0]?.arn,
  Condition: { StringEquals: { 'kms:EncryptionContext:purpose': 'otp' } },
};
const statements = [
  grant(['GetItem', 'PutItem', 'UpdateItem', 'BatchGetItem', 'Query'], ['ITEM#*']),
  grant(['Query'], ['AUDIT#*'], `${arn}/index/audit`),
  ringGrant,
].map(readStatement);
const principals = new Map<string, Principal>([
  ['LOCALFUNCTION', { function: 'items/touch-item', role: 'TouchRole', statements }],
  ['LOCALOPERATOR', { function: 'operator', role: 'operator', statements: 'all' }],
]);

const calls = new CallLedger();
const grants = new GrantLedger();
const faults = new Faults();
const refusals: string[] = [];
let dynamoDb: DynamoDb;
let edge: AwsEdge;

beforeAll(async () => {
  dynamoDb = await startDynamoDb();
  await createTable(dynamoDb.endpoint, tableName, tableSchema.parse(sampleTemplate().Resources.Table?.Properties));
  edge = await startAwsEdge({
    dynamoDb: dynamoDb.endpoint,
    kms: openKms(keys),
    table: { name: tableName, partitionKey: 'pk', indexes: new Map([['audit', ['audit_pk']]]) },
    principals,
    errandOf: (root) => (root === '1-abc' ? { requestId: 'request-1', sourceIp: '127.1.1.1' } : undefined),
    calls,
    grants,
    faults,
    onRefusal: (sentence) => refusals.push(sentence),
  });
}, 30_000);

afterAll(async () => {
  await edge?.stop();
  await dynamoDb?.stop();
});

afterEach(() => {
  faults.clear();
  vi.unstubAllEnvs();
});

function settings(accessKeyId: string): DynamoDBClientConfig {
  return {
    region: 'us-east-1',
    endpoint: edge.url,
    credentials: { accessKeyId, secretAccessKey: 'local' },
    maxAttempts: 1,
    requestHandler: { requestTimeout: 1000, throwOnRequestTimeout: true },
  };
}
const table = (accessKeyId = 'LOCALFUNCTION', more: DynamoDBClientConfig = {}) =>
  new DynamoDBClient({ ...settings(accessKeyId), ...more });
const kms = (accessKeyId = 'LOCALFUNCTION') =>
  new KMSClient({
    region: 'us-east-1',
    endpoint: edge.url,
    credentials: { accessKeyId, secretAccessKey: 'local' },
    maxAttempts: 1,
  });

const key = (pk: string) => ({ pk: { S: pk }, sk: { S: 'ITEM' } });
const put = (pk: string, more = {}) => new PutItemCommand({ TableName: tableName, Item: { ...key(pk), ...more } });
const touch = (pk: string) =>
  new UpdateItemCommand({
    TableName: tableName,
    Key: key(pk),
    UpdateExpression: 'ADD touched :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  });
const storedTouches = async (pk: string) => {
  const { Item } = await callDynamoDb(dynamoDb.endpoint, 'GetItem', {
    TableName: tableName,
    Key: key(pk),
    ConsistentRead: true,
  });
  return JSON.stringify(Item ?? {});
};

describe('the caller', () => {
  it('gets through with what its role allows', async () => {
    await table().send(put('ITEM#through'));
    expect((await table().send(new GetItemCommand({ TableName: tableName, Key: key('ITEM#through') }))).Item).toEqual(
      key('ITEM#through'),
    );
  });

  it('is refused another partition, in AWS’s shape, with a sentence that names function, action and partition', async () => {
    const refused = table().send(put('SECRET#x'));
    await expect(refused).rejects.toMatchObject({ name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } });
    await expect(refused).rejects.toThrow(
      `User: arn:aws:sts::000000000000:assumed-role/TouchRole/items-touch-item is not authorized to perform: dynamodb:PutItem on resource: ${arn} because no identity-based policy allows the dynamodb:PutItem action (function items/touch-item, partition SECRET#x)`,
    );
    expect(refusals.at(-1)).toContain('partition SECRET#x');
    expect(await storedTouches('SECRET#x')).toBe('{}');
  });

  it('is refused a batch of which one key is not its own, and a transaction of which one item is not', async () => {
    const batch = new BatchGetItemCommand({
      RequestItems: { [tableName]: { Keys: [key('ITEM#a'), key('SECRET#a')] } },
    });
    await expect(table().send(batch)).rejects.toThrow('partition ITEM#a, SECRET#a');
    const TransactItems = [
      { Put: { TableName: tableName, Item: key('ITEM#t') } },
      { Delete: { TableName: tableName, Key: key('ITEM#t2') } },
    ];
    await expect(table().send(new TransactWriteItemsCommand({ TransactItems }))).rejects.toThrow('dynamodb:DeleteItem');
    expect(await storedTouches('ITEM#t')).toBe('{}');
  });

  it('may query an index where its role says so, and nothing else of it', async () => {
    const query = (partition: string) =>
      new QueryCommand({
        TableName: tableName,
        IndexName: 'audit',
        KeyConditionExpression: 'audit_pk = :p',
        ExpressionAttributeValues: { ':p': { S: partition } },
      });
    expect((await table().send(query('AUDIT#1'))).Items).toEqual([]);
    await expect(table().send(query('ITEM#1'))).rejects.toThrow('/index/audit');
  });

  it('is refused a scan, which has no leading keys', async () => {
    await expect(table().send(new ScanCommand({ TableName: tableName }))).rejects.toThrow('partition none');
    expect((await table('LOCALOPERATOR').send(new ScanCommand({ TableName: tableName, Limit: 1 }))).Count).toBeTypeOf(
      'number',
    );
  });

  it('is refused when nobody knows it', async () => {
    await expect(table('SOMEBODY').send(put('ITEM#a'))).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    await expect(
      kms('SOMEBODY').send(new GenerateDataKeyCommand({ KeyId: dataKey, KeySpec: 'AES_256' })),
    ).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
  });

  it('opens what is sealed in its own context, and nothing of another', async () => {
    const otp = { purpose: 'otp' };
    const { CiphertextBlob, Plaintext } = await kms().send(
      new GenerateDataKeyCommand({ KeyId: dataKey, KeySpec: 'AES_256', EncryptionContext: otp }),
    );
    expect((await kms().send(new DecryptCommand({ CiphertextBlob, EncryptionContext: otp }))).Plaintext).toEqual(
      Plaintext,
    );
    await expect(
      kms().send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { purpose: 'mfa' } })),
    ).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await expect(kms().send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  it('does not sign without the right to', async () => {
    const sign = new SignCommand({
      KeyId: signingKey,
      Message: createHash('sha256').update('x').digest(),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    await expect(kms().send(sign)).rejects.toThrow('kms:Sign');
    expect((await kms('LOCALOPERATOR').send(sign)).Signature).toBeInstanceOf(Uint8Array);
  });
});

describe('the ledger', () => {
  it('counts calls and units for the request whose trace the SDK sends', async () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'items-touch-item');
    vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-abc;Parent=1;Sampled=0');
    calls.begin('request-1', 'items/touch-item');
    await table().send(
      put('ITEM#counted', { text: { S: 'x'.repeat(1500) }, audit_pk: { S: 'AUDIT#1' }, audit_sk: { S: '1' } }),
    );
    await table().send(new GetItemCommand({ TableName: tableName, Key: key('ITEM#counted'), ConsistentRead: true }));
    await kms().send(
      new GenerateDataKeyCommand({ KeyId: dataKey, KeySpec: 'AES_256', EncryptionContext: { purpose: 'otp' } }),
    );
    const counted = calls.of('request-1');
    // 1.5 kB: two units for the item and two for the index.
    expect(counted).toMatchObject({ dynamodb: 2, kms: 1, write_units: 4, read_units: 1 });
    expect(counted?.calls).toMatchObject([
      { service: 'dynamodb', operation: 'PutItem', status: 200 },
      { service: 'dynamodb', operation: 'GetItem', status: 200 },
      { service: 'kms', operation: 'GenerateDataKey', status: 200 },
    ]);
  });

  it('shows a function the capacity only when it asked', async () => {
    const silent = await table().send(put('ITEM#a'));
    expect(silent.ConsumedCapacity).toBeUndefined();
    const asked = await table().send(
      new PutItemCommand({ TableName: tableName, Item: key('ITEM#a'), ReturnConsumedCapacity: 'TOTAL' }),
    );
    expect(asked.ConsumedCapacity?.CapacityUnits).toBe(1);
  });

  it('names the error of a call that was refused', async () => {
    calls.reset();
    calls.begin('request-1', 'items/touch-item');
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'items-touch-item');
    vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-abc');
    await table()
      .send(put('SECRET#x'))
      .catch(() => undefined);
    expect(calls.of('request-1')?.calls).toMatchObject([{ status: 400, error: 'AccessDeniedException' }]);
  });

  it('tells calls that a role decided from those that were made for a request past every role', async () => {
    grants.reset();
    await table().send(put('ITEM#a'));
    await table('LOCALOPERATOR').send(put('ITEM#a'));
    expect(grants.decisions()).toEqual({ judged: 1, unjudged: 0 });
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'items-touch-item');
    vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-abc');
    await table('LOCALOPERATOR').send(put('ITEM#a'));
    expect(grants.decisions()).toEqual({ judged: 1, unjudged: 1 });
  });

  it('knows which part of a grant is used', async () => {
    grants.reset();
    await table().send(put('ITEM#a'));
    expect(grants.used()).toEqual([{ function: 'items/touch-item', action: 'dynamodb:PutItem', partition: 'ITEM#*' }]);
    const unused = grants.unused(new Map([['items/touch-item', statements]]));
    expect(unused).toContainEqual({ function: 'items/touch-item', action: 'kms:Decrypt', partition: 'purpose=otp' });
    expect(unused).not.toContainEqual(expect.objectContaining({ action: 'dynamodb:PutItem' }));
  });
});

describe('faults', () => {
  const add = (fault: object) => faults.add(faultSchema.parse({ service: 'dynamodb', ...fault }));

  it('an error is the real service’s, and nothing was done', async () => {
    add({ kind: 'error', code: 'ProvisionedThroughputExceededException' });
    await expect(table().send(touch('ITEM#error'))).rejects.toMatchObject({
      name: 'ProvisionedThroughputExceededException',
      $metadata: { httpStatusCode: 400 },
    });
    add({ kind: 'error', code: 'InternalServerError' });
    await expect(table().send(touch('ITEM#error'))).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    expect(await storedTouches('ITEM#error')).toBe('{}');
  });

  it('the SDK tries again what may be tried again', async () => {
    add({ kind: 'error', code: 'ThrottlingException', times: 2 });
    await table('LOCALFUNCTION', { maxAttempts: 3 }).send(touch('ITEM#again'));
    expect(await storedTouches('ITEM#again')).toContain('"touched":{"N":"1"}');
  });

  it('a conflict of transactions has a reason for each item', async () => {
    add({ kind: 'error', code: 'TransactionConflict' });
    const TransactItems = ['a', 'b'].map((name) => ({
      Put: { TableName: tableName, Item: key(`ITEM#conflict-${name}`) },
    }));
    await expect(table().send(new TransactWriteItemsCommand({ TransactItems }))).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
    });
    add({ kind: 'error', code: 'TransactionConflict' });
    await expect(table().send(touch('ITEM#conflict'))).rejects.toMatchObject({ name: 'TransactionConflictException' });
  });

  it('a lost response comes after the write', async () => {
    add({ kind: 'lost_response' });
    await expect(table().send(touch('ITEM#lost'))).rejects.toThrow();
    expect(await storedTouches('ITEM#lost')).toContain('"touched":{"N":"1"}');
  });

  it('a call that hangs is given up by its caller, and was not done', async () => {
    add({ kind: 'hang' });
    await expect(table().send(touch('ITEM#hang'))).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await storedTouches('ITEM#hang')).toBe('{}');
  });

  it('a delay only delays', async () => {
    add({ kind: 'delay', delay_ms: 300 });
    const startedAt = performance.now();
    await table().send(touch('ITEM#late'));
    expect(performance.now() - startedAt).toBeGreaterThan(290);
    expect(await storedTouches('ITEM#late')).toContain('"touched":{"N":"1"}');
  });

  it('a partial batch leaves half of the keys, and all of a single one', async () => {
    for (const name of ['1', '2', '3']) await table().send(put(`ITEM#${name}`));
    const batch = (names: string[]) =>
      new BatchGetItemCommand({
        RequestItems: { [tableName]: { Keys: names.map((name) => key(`ITEM#${name}`)), ConsistentRead: true } },
      });
    add({ kind: 'partial_batch' });
    const part = await table().send(batch(['1', '2', '3']));
    expect(part.Responses?.[tableName]).toHaveLength(1);
    expect(part.UnprocessedKeys?.[tableName]).toEqual({ Keys: [key('ITEM#2'), key('ITEM#3')], ConsistentRead: true });
    add({ kind: 'partial_batch' });
    expect((await table().send(batch(['1']))).UnprocessedKeys?.[tableName]?.Keys).toEqual([key('ITEM#1')]);
  });

  it('KMS fails in its own words', async () => {
    const generate = new GenerateDataKeyCommand({
      KeyId: dataKey,
      KeySpec: 'AES_256',
      EncryptionContext: { purpose: 'otp' },
    });
    for (const [code, status] of [
      ['DisabledException', 400],
      ['KMSInternalException', 500],
      ['DependencyTimeoutException', 503],
    ] as const) {
      faults.add(faultSchema.parse({ service: 'kms', kind: 'error', code }));
      await expect(kms().send(generate)).rejects.toMatchObject({ name: code, $metadata: { httpStatusCode: status } });
    }
  });

  it('befall only the requests of the address that is named', async () => {
    add({ kind: 'error', code: 'ThrottlingException', source_ip: '127.1.1.1' });
    await table().send(put('ITEM#a'));
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'items-touch-item');
    vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-abc');
    await expect(table().send(put('ITEM#a'))).rejects.toMatchObject({ name: 'ThrottlingException' });
  });
});
