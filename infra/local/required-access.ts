import type { Access } from './iam.ts';
import { isRecord, type JsonRecord, listOf } from './json.ts';
import { local } from './template.ts';

/** The table whose keys are known here: what its partition keys are called. */
export interface TableKeys {
  readonly name: string;
  readonly partitionKey: string;
  /** Names of the partition key attributes of each index. */
  readonly indexes: ReadonlyMap<string, readonly string[]>;
}

/** A call that cannot be checked is not let through. */
export class UncheckedOperation extends Error {
  override readonly name = 'UncheckedOperation';
}

/**
 * What IAM asks of the caller of a DynamoDB operation (Service Authorization Reference, “Using IAM with DynamoDB
 * transactions”): a transaction needs the action of each of its items, a batch its own action for all its keys.
 */
export function dynamoDbAccess(operation: string, body: unknown, table: TableKeys): Access[] {
  const request = isRecord(body) ? body : {};
  const parts = transactionParts(operation, request);
  if (parts !== undefined) {
    const context = { 'dynamodb:EnclosingOperation': [operation] };
    return parts.map(({ action, part }) => access(action, part, keysOf(action, part, table), context));
  }
  if (operation === 'BatchGetItem' || operation === 'BatchWriteItem') return batchAccess(operation, request, table);
  if (operation === 'Query') return [access('Query', request, queriedKeys(request, table))];
  if (operation in keyFields) return [access(operation, request, keysOf(operation, request, table))];
  if (typeof request.TableName === 'string') return [access(operation, request, [])];
  throw new UncheckedOperation(`${operation} is not checked here`);
}

// Where an action's request has the item's key.
const keyFields: Record<string, string> = {
  GetItem: 'Key',
  PutItem: 'Item',
  UpdateItem: 'Key',
  DeleteItem: 'Key',
  ConditionCheckItem: 'Key',
};

const transactionActions: Record<string, string> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
};

function transactionParts(operation: string, request: JsonRecord) {
  if (operation !== 'TransactWriteItems' && operation !== 'TransactGetItems') return undefined;
  return listOf(request.TransactItems).flatMap((item) => {
    return Object.entries(isRecord(item) ? item : {}).map(([word, part]) => {
      const action = transactionActions[word];
      if (action === undefined || !isRecord(part))
        throw new UncheckedOperation(`${word} in a transaction is not checked here`);
      return { action, part };
    });
  });
}

function batchAccess(operation: string, request: JsonRecord, table: TableKeys): Access[] {
  const items = request.RequestItems;
  return Object.entries(isRecord(items) ? items : {}).map(([TableName, wanted]) => {
    const keys = isRecord(wanted) ? listOf(wanted.Keys) : listOf(wanted).map(writtenKey);
    const leading = isTable(TableName, table) ? keys.flatMap((key) => leadingValue(key, table.partitionKey)) : [];
    return access(operation, { ...request, TableName }, leading);
  });
}

function writtenKey(write: unknown): unknown {
  if (!isRecord(write)) return undefined;
  const [put, remove] = [write.PutRequest, write.DeleteRequest];
  return isRecord(put) ? put.Item : isRecord(remove) ? remove.Key : undefined;
}

function keysOf(action: string, request: JsonRecord, table: TableKeys): string[] {
  const field = keyFields[action];
  return field !== undefined && isTable(request.TableName, table)
    ? leadingValue(request[field], table.partitionKey)
    : [];
}

function queriedKeys(request: JsonRecord, table: TableKeys): string[] {
  if (!isTable(request.TableName, table)) return [];
  const index = request.IndexName;
  const attributes = typeof index === 'string' ? (table.indexes.get(index) ?? []) : [table.partitionKey];
  return attributes.flatMap((attribute) => [
    ...expressedValues(request, attribute),
    ...legacyValues(request, attribute),
  ]);
}

/** The values that a KeyConditionExpression compares `attribute` with by `=`. */
function expressedValues(request: JsonRecord, attribute: string): string[] {
  const {
    KeyConditionExpression: expression,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  } = request;
  if (typeof expression !== 'string') return [];
  const tokens = expression.match(/[#:]?[\w.-]+|[<>]=?|<>|=|[(),]/g) ?? [];
  const isAttribute = (token = '') => (token.startsWith('#') && isRecord(names) ? names[token] : token) === attribute;
  const compared = tokens.flatMap((token, at) => {
    const [left, right] = [tokens[at - 1], tokens[at + 1]];
    if (token !== '=') return [];
    if (isAttribute(left)) return [right];
    return isAttribute(right) ? [left] : [];
  });
  return compared.flatMap((placeholder) => (isRecord(values) && placeholder ? scalar(values[placeholder]) : []));
}

/** The same of KeyConditions, the form before expressions. */
function legacyValues(request: JsonRecord, attribute: string): string[] {
  const conditions = request.KeyConditions;
  const condition = isRecord(conditions) ? conditions[attribute] : undefined;
  return isRecord(condition) && condition.ComparisonOperator === 'EQ'
    ? listOf(condition.AttributeValueList).flatMap(scalar)
    : [];
}

function leadingValue(item: unknown, partitionKey: string): string[] {
  return isRecord(item) ? scalar(item[partitionKey]) : [];
}

function scalar(value: unknown): string[] {
  if (!isRecord(value)) return [];
  return [value.S, value.N, value.B].filter((text) => typeof text === 'string');
}

function access(
  action: string,
  request: JsonRecord,
  leadingKeys: string[],
  extra: Record<string, string[]> = {},
): Access {
  const index = request.IndexName;
  const table = tableArn(String(request.TableName));
  const context: Record<string, readonly string[]> = { ...extra };
  if (leadingKeys.length > 0) context['dynamodb:LeadingKeys'] = [...new Set(leadingKeys)];
  for (const name of ['Select', 'ReturnValues', 'ReturnConsumedCapacity']) {
    const sent = request[name];
    if (typeof sent === 'string') context[`dynamodb:${name}`] = [sent];
  }
  return {
    action: `dynamodb:${action}`,
    resource: typeof index === 'string' ? `${table}/index/${index}` : table,
    context,
  };
}

function isTable(name: unknown, table: TableKeys): boolean {
  return name === table.name || name === tableArn(table.name);
}

/** The ARN of a table on this machine; an ARN stays as it is. */
export function tableArn(name: string): string {
  return name.startsWith('arn:')
    ? name
    : `arn:${local.partition}:dynamodb:${local.region}:${local.account}:table/${name}`;
}

/** What IAM asks of the caller of a KMS operation on the key that `keyArnOf` finds for a request. */
export function kmsAccess(operation: string, body: unknown, keyArnOf: (body: unknown) => string | undefined): Access[] {
  const request = isRecord(body) ? body : {};
  if (operation === 'ReEncrypt') {
    const {
      SourceKeyId: KeyId,
      CiphertextBlob,
      SourceEncryptionContext,
      DestinationKeyId,
      DestinationEncryptionContext,
    } = request;
    const source = KeyId === undefined ? { CiphertextBlob } : { KeyId };
    return [
      {
        action: 'kms:ReEncryptFrom',
        resource: keyArnOf(source) ?? '',
        context: encryptionContext(SourceEncryptionContext),
      },
      {
        action: 'kms:ReEncryptTo',
        resource: keyArnOf({ KeyId: DestinationKeyId }) ?? '',
        context: encryptionContext(DestinationEncryptionContext),
      },
    ];
  }
  const context = encryptionContext(request.EncryptionContext);
  const keys = {
    SigningAlgorithm: 'SigningAlgorithm',
    MessageType: 'MessageType',
    EncryptionAlgorithm: 'EncryptionAlgorithm',
    KeySpec: 'DataKeySpec',
  };
  for (const [field, key] of Object.entries(keys)) {
    const sent = request[field];
    if (typeof sent === 'string') context[`kms:${key}`] = [sent];
  }
  return [{ action: `kms:${operation}`, resource: keyArnOf(request) ?? '', context }];
}

function encryptionContext(sent: unknown): Record<string, string[]> {
  const pairs = Object.entries(isRecord(sent) ? sent : {});
  const context = Object.fromEntries(pairs.map(([name, value]) => [`kms:EncryptionContext:${name}`, [String(value)]]));
  if (pairs.length > 0) context['kms:EncryptionContextKeys'] = pairs.map(([name]) => name);
  return context;
}
