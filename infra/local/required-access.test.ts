import { describe, expect, it } from 'vitest';
import { dynamoDbAccess, kmsAccess, type TableKeys } from './required-access.ts';

const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/otp';
const table: TableKeys = { name: 'otp', partitionKey: 'pk', indexes: new Map([['audit', ['audit_pk']]]) };
const key = (pk: string) => ({ pk: { S: pk }, sk: { S: 'x' } });

function needed(operation: string, body: object): string[] {
  return dynamoDbAccess(operation, body, table).map(({ action, resource, context }) => {
    const keys = context['dynamodb:LeadingKeys']?.join('+') ?? 'none';
    return `${action.replace('dynamodb:', '')} ${resource.replace(arn, 'otp')} ${keys}`;
  });
}

describe('dynamoDbAccess', () => {
  it.each([
    ['GetItem', { TableName: 'otp', Key: key('USER#a') }, 'GetItem otp USER#a'],
    ['PutItem', { TableName: 'otp', Item: { ...key('EVENT#a'), other: { S: 'USER#a' } } }, 'PutItem otp EVENT#a'],
    ['UpdateItem', { TableName: arn, Key: key('METER#a') }, 'UpdateItem otp METER#a'],
    ['DeleteItem', { TableName: 'otp', Key: key('CONFIG#a') }, 'DeleteItem otp CONFIG#a'],
  ])('%s needs its own action on the partition of its key', (operation, body, expected) => {
    expect(needed(operation, body)).toEqual([expected]);
  });

  it('reads keys of numbers and bytes as text', () => {
    expect(needed('GetItem', { TableName: 'otp', Key: { pk: { N: '7' } } })).toEqual(['GetItem otp 7']);
    expect(needed('GetItem', { TableName: 'otp', Key: { pk: { B: 'AA==' } } })).toEqual(['GetItem otp AA==']);
  });

  it('BatchGetItem needs one action for all its keys', () => {
    const body = { RequestItems: { otp: { Keys: [key('USER#a'), key('METER#a'), key('USER#a')] } } };
    expect(needed('BatchGetItem', body)).toEqual(['BatchGetItem otp USER#a+METER#a']);
  });

  it('BatchWriteItem needs one action for what it puts and deletes', () => {
    const writes = [{ PutRequest: { Item: key('CONFIG#a') } }, { DeleteRequest: { Key: key('SECRET#a') } }];
    expect(needed('BatchWriteItem', { RequestItems: { otp: writes } })).toEqual([
      'BatchWriteItem otp CONFIG#a+SECRET#a',
    ]);
  });

  it('TransactWriteItems needs the action of each of its items', () => {
    const TransactItems = [
      { Put: { TableName: 'otp', Item: key('EVENT#a') } },
      { Update: { TableName: 'otp', Key: key('METER#a') } },
      { Delete: { TableName: 'otp', Key: key('SECRET#a') } },
      { ConditionCheck: { TableName: 'otp', Key: key('USER#a') } },
    ];
    expect(needed('TransactWriteItems', { TransactItems })).toEqual([
      'PutItem otp EVENT#a',
      'UpdateItem otp METER#a',
      'DeleteItem otp SECRET#a',
      'ConditionCheckItem otp USER#a',
    ]);
  });

  it('says in a transaction in which operation an item stands', () => {
    const [first] = dynamoDbAccess(
      'TransactGetItems',
      { TransactItems: [{ Get: { TableName: 'otp', Key: key('USER#a') } }] },
      table,
    );
    expect(first).toMatchObject({
      action: 'dynamodb:GetItem',
      context: { 'dynamodb:EnclosingOperation': ['TransactGetItems'] },
    });
  });

  it.each([
    ['named', '#p = :p AND begins_with(#s, :s)', { '#p': 'pk', '#s': 'sk' }],
    ['plain', 'pk = :p AND sk BETWEEN :s AND :t', undefined],
    ['turned round', ':p = pk', undefined],
    ['in brackets, without spaces', '(sk<=:s)AND(pk=:p)', undefined],
    ['beside another equality', '#s = :s AND #p = :p', { '#p': 'pk', '#s': 'sk' }],
  ])('Query needs the partition of its key condition: %s', (_, KeyConditionExpression, ExpressionAttributeNames) => {
    const ExpressionAttributeValues = { ':p': { S: 'CONFIG#a' }, ':s': { S: 'SECRET#a' }, ':t': { S: 'z' } };
    const body = { TableName: 'otp', KeyConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues };
    expect(needed('Query', body)).toEqual(['Query otp CONFIG#a']);
  });

  it('Query of an index needs the index, and the partition is the index’s own', () => {
    const body = {
      TableName: 'otp',
      IndexName: 'audit',
      KeyConditionExpression: 'audit_pk = :p',
      ExpressionAttributeValues: { ':p': { S: 'AUDIT#1' } },
    };
    expect(needed('Query', body)).toEqual(['Query otp/index/audit AUDIT#1']);
    expect(needed('Query', { ...body, KeyConditionExpression: 'pk = :p' })).toEqual(['Query otp/index/audit none']);
  });

  it('reads the older KeyConditions too', () => {
    const KeyConditions = { pk: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'CONFIG#a' }] } };
    expect(needed('Query', { TableName: 'otp', KeyConditions })).toEqual(['Query otp CONFIG#a']);
  });

  it('Scan and what speaks of the whole table have no leading keys', () => {
    expect(needed('Scan', { TableName: 'otp' })).toEqual(['Scan otp none']);
    expect(needed('DescribeTable', { TableName: 'otp' })).toEqual(['DescribeTable otp none']);
  });

  it('knows no keys of another table', () => {
    expect(needed('GetItem', { TableName: 'other', Key: key('USER#a') })).toEqual([
      'GetItem arn:aws:dynamodb:us-east-1:000000000000:table/other none',
    ]);
  });

  it('refuses what it cannot check', () => {
    expect(() => needed('ExecuteStatement', { Statement: 'SELECT * FROM otp' })).toThrow(
      'ExecuteStatement is not checked',
    );
    expect(() => needed('TransactWriteItems', { TransactItems: [{ Merge: {} }] })).toThrow('Merge');
  });
});

describe('kmsAccess', () => {
  const arnOf = (body: unknown) => (JSON.stringify(body).includes('blob') ? 'key-of-blob' : 'key-by-name');

  it('carries the encryption context, name by name', () => {
    const body = { CiphertextBlob: 'blob', EncryptionContext: { purpose: 'otp', user: 'a' } };
    expect(kmsAccess('Decrypt', body, arnOf)).toEqual([
      {
        action: 'kms:Decrypt',
        resource: 'key-of-blob',
        context: {
          'kms:EncryptionContext:purpose': ['otp'],
          'kms:EncryptionContext:user': ['a'],
          'kms:EncryptionContextKeys': ['purpose', 'user'],
        },
      },
    ]);
  });

  it('carries how a signature is made', () => {
    const [sign] = kmsAccess('Sign', { KeyId: 'k', SigningAlgorithm: 'ECDSA_SHA_256', MessageType: 'DIGEST' }, arnOf);
    expect(sign?.context).toEqual({ 'kms:SigningAlgorithm': ['ECDSA_SHA_256'], 'kms:MessageType': ['DIGEST'] });
  });

  it('ReEncrypt needs both its halves, each in its own context', () => {
    const body = {
      CiphertextBlob: 'blob',
      SourceEncryptionContext: { purpose: 'otp' },
      DestinationKeyId: 'k',
      DestinationEncryptionContext: { purpose: 'mfa' },
    };
    const [from, to] = kmsAccess('ReEncrypt', body, arnOf);
    expect(from).toMatchObject({
      action: 'kms:ReEncryptFrom',
      resource: 'key-of-blob',
      context: { 'kms:EncryptionContext:purpose': ['otp'] },
    });
    expect(to).toMatchObject({
      action: 'kms:ReEncryptTo',
      resource: 'key-by-name',
      context: { 'kms:EncryptionContext:purpose': ['mfa'] },
    });
  });
});
