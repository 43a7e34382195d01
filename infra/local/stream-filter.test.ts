import { describe, expect, it } from 'vitest';
import { readFilter } from './stream-filter.ts';

const record = { eventName: 'INSERT', dynamodb: { Keys: { pk: { S: 'EVENT#abc' } }, Count: 3 } };

describe('readFilter', () => {
  it.each<[name: string, patterns: unknown[], fits: boolean]>([
    ['nothing', [], true],
    ['an exact value', [{ eventName: ['INSERT'] }], true],
    ['one of several values', [{ eventName: ['REMOVE', 'INSERT'] }], true],
    ['another value', [{ eventName: ['REMOVE'] }], false],
    ['two fields', [{ eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: 'EVENT#' }] } } } }], true],
    [
      'two fields of which one differs',
      [{ eventName: ['REMOVE'], dynamodb: { Keys: { pk: { S: [{ prefix: 'EVENT#' }] } } } }],
      false,
    ],
    ['another prefix', [{ dynamodb: { Keys: { pk: { S: [{ prefix: 'COUNT#' }] } } } }], false],
    ['one of two patterns', [{ eventName: ['REMOVE'] }, { eventName: ['INSERT'] }], true],
    ['an end', [{ dynamodb: { Keys: { pk: { S: [{ suffix: 'abc' }] } } } }], true],
    ['a text whatever its case', [{ eventName: [{ 'equals-ignore-case': 'insert' }] }], true],
    ['anything but a value', [{ eventName: [{ 'anything-but': ['REMOVE'] }] }], true],
    ['anything but this value', [{ eventName: [{ 'anything-but': 'INSERT' }] }], false],
    ['anything but, of a field that is not there', [{ gone: [{ 'anything-but': 'x' }] }], false],
    ['a number', [{ dynamodb: { Count: [3] } }], true],
    ['a field that is there', [{ dynamodb: { Count: [{ exists: true }] } }], true],
    ['a field that is not there', [{ dynamodb: { Gone: [{ exists: false }] } }], true],
    ['a field below one that is not there', [{ gone: { S: ['x'] } }], false],
    ['alternatives', [{ $or: [{ eventName: ['REMOVE'] }, { dynamodb: { Count: [3] } }] }], true],
    [
      'alternatives beside a field that differs',
      [{ eventName: ['REMOVE'], $or: [{ dynamodb: { Count: [3] } }] }],
      false,
    ],
  ])('%s', (_, patterns, fits) => {
    expect(readFilter(patterns)(record)).toBe(fits);
  });

  it.each([[{ a: [{ numeric: ['>', 1] }] }], [{ a: 'text' }], [{ a: [{ prefix: 1 }] }]])('refuses %j', (pattern) => {
    expect(() => readFilter([pattern])).toThrow('filter');
  });
});
