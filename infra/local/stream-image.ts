import { isRecord, type JsonRecord, listOf } from './json.ts';

/**
 * An item of DynamoDB Local's stream as AWS delivers it. Local leaves the type of an empty map out, `{}` for `{"M":{}}`: no reader
 * of attribute values knows what that is.
 */
export function completeImage(image: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(image).map(([name, value]) => [name, completeValue(value)]));
}

/** A record of the stream, its item before and after completed. */
export function completeRecord<Read extends { readonly dynamodb: JsonRecord }>(record: Read): Read {
  const images = Object.entries(record.dynamodb).filter(([name]) => name === 'NewImage' || name === 'OldImage');
  const completed = images.map(([name, image]) => [name, isRecord(image) ? completeImage(image) : image]);
  return { ...record, dynamodb: { ...record.dynamodb, ...Object.fromEntries(completed) } };
}

function completeValue(value: unknown): unknown {
  if (!isRecord(value)) return value;
  if (Object.keys(value).length === 0) return { M: {} };
  if (isRecord(value['M'])) return { M: completeImage(value['M']) };
  return value['L'] === undefined ? value : { L: listOf(value['L']).map(completeValue) };
}
