import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { ProblemCode } from '../api/problems.ts';
import type { Key } from './table-map.ts';

/** DynamoDB's expressions, made of named parts: a condition reads as the rule that it keeps. */

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** One item of a commit, and what it means when its condition does not hold. */
export interface Write {
  readonly key: Key;
  readonly inTable: (tableName: string) => TransactItem;
  /** `decide_again`: the facts have moved, load and decide once more. Otherwise the problem that the client sees. */
  readonly otherwise: 'decide_again' | ProblemCode;
}

/** Half of a condition: text with its own names and values. */
export interface Condition {
  readonly text: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
}

/** The item is there. Every update carries it: else a race with a delete resurrects a stub. */
export const exists: Condition = { text: 'attribute_exists(pk)', names: {}, values: {} };

/** The item is not there. */
export const absent: Condition = { text: 'attribute_not_exists(pk)', names: {}, values: {} };

/** The attribute has still the value that was read; `undefined`: it is still not there. */
export function unchanged(attribute: string, seen: unknown): Condition {
  if (seen === undefined) return compare(attribute, (name) => `attribute_not_exists(${name})`);
  return compare(attribute, (name, value) => `${name} = ${value}`, seen);
}

/** The attribute is absent or less than `limit`. */
export function absentOrBelow(attribute: string, limit: number): Condition {
  return compare(attribute, (name, value) => `(attribute_not_exists(${name}) OR ${name} < ${value})`, limit);
}

/** The attribute is absent or not more than `limit`. */
export function absentOrAtMost(attribute: string, limit: number): Condition {
  return compare(attribute, (name, value) => `(attribute_not_exists(${name}) OR ${name} <= ${value})`, limit);
}

/** The attribute, a set, has more than `count` elements. */
export function setLargerThan(attribute: string, count: number): Condition {
  return compare(attribute, (name, value) => `size(${name}) > ${value}`, count);
}

function compare(attribute: string, text: (name: string, value: string) => string, value?: unknown): Condition {
  const name = `#${placeholderOf(attribute)}`;
  const placeholder = `:${placeholderOf(attribute)}_seen`;
  return {
    text: text(name, placeholder),
    names: { [name]: attribute },
    values: value === undefined ? {} : { [placeholder]: value },
  };
}

// A placeholder has letters, digits and underscores only; an attribute that is named after a day has hyphens too.
function placeholderOf(attribute: string): string {
  return attribute.replaceAll('-', '_');
}

/** Both hold. */
export function all(...conditions: readonly Condition[]): Condition {
  return {
    text: conditions.map((condition) => condition.text).join(' AND '),
    names: Object.assign({}, ...conditions.map((condition) => condition.names)),
    values: Object.assign({}, ...conditions.map((condition) => condition.values)),
  };
}

/** What an update changes. `undefined` in `set` leaves the attribute alone; counters go through `add`, inside a transaction only. */
export interface Change {
  readonly set?: Readonly<Record<string, unknown>>;
  readonly add?: Readonly<Record<string, unknown>>;
  readonly remove?: readonly string[];
  /** Takes elements out of a set. */
  readonly without?: Readonly<Record<string, unknown>>;
}

/** Writes a whole item. */
export function put(
  key: Key,
  item: Record<string, unknown>,
  when: Condition | undefined,
  otherwise: Write['otherwise'] = 'decide_again',
): Write {
  const put = { Item: { ...key, ...item }, ...(when && conditionParts(when)) };
  return { key, otherwise, inTable: (TableName) => ({ Put: { TableName, ...put } }) };
}

/** Changes attributes of an item. Without a condition the item is made where it is not there: only for guards and counters. */
export function update(
  key: Key,
  change: Change,
  when?: Condition,
  otherwise: Write['otherwise'] = 'decide_again',
): Write {
  const names = { ...when?.names };
  const values = { ...when?.values };
  const clause = (word: string, fields: Change['set'], text: (name: string, value: string) => string) => {
    const present = Object.entries(fields ?? {}).filter(([, value]) => value !== undefined);
    const parts = present.map(([attribute, value]) => {
      const placeholder = placeholderOf(attribute);
      names[`#${placeholder}`] = attribute;
      values[`:${placeholder}_new`] = value;
      return text(`#${placeholder}`, `:${placeholder}_new`);
    });
    return parts.length === 0 ? [] : [`${word} ${parts.join(', ')}`];
  };
  const removed = (change.remove ?? []).map((attribute) => {
    const name = `#${placeholderOf(attribute)}`;
    names[name] = attribute;
    return name;
  });
  const clauses = [
    ...clause('SET', change.set, (name, value) => `${name} = ${value}`),
    ...clause('ADD', change.add, (name, value) => `${name} ${value}`),
    ...clause('DELETE', change.without, (name, value) => `${name} ${value}`),
    ...(removed.length === 0 ? [] : [`REMOVE ${removed.join(', ')}`]),
  ];
  const changed = {
    Key: key,
    UpdateExpression: clauses.join(' '),
    ...(when && { ConditionExpression: when.text }),
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
  return { key, otherwise, inTable: (TableName) => ({ Update: { TableName, ...changed } }) };
}

/** Removes an item. */
export function remove(key: Key, when?: Condition, otherwise: Write['otherwise'] = 'decide_again'): Write {
  const removed = { Key: key, ...(when && conditionParts(when)) };
  return { key, otherwise, inTable: (TableName) => ({ Delete: { TableName, ...removed } }) };
}

/** Writes nothing, but the commit holds only while the condition does. */
export function check(key: Key, when: Condition, otherwise: Write['otherwise'] = 'decide_again'): Write {
  const checked = { Key: key, ...conditionParts(when) };
  return { key, otherwise, inTable: (TableName) => ({ ConditionCheck: { TableName, ...checked } }) };
}

function conditionParts(when: Condition) {
  return {
    ConditionExpression: when.text,
    ...(Object.keys(when.names).length > 0 && { ExpressionAttributeNames: when.names }),
    ...(Object.keys(when.values).length > 0 && { ExpressionAttributeValues: when.values }),
  };
}
