import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { digestOf, storedKeyOf } from './idempotency-digest.ts';

describe('digestOf', () => {
  const body: unknown = JSON.parse('{"current_password":"a","new_password":"b"}');

  test('is the same for the same body in another order of names', () => {
    const reordered: unknown = JSON.parse('{ "new_password": "b", "current_password": "a" }');
    expect(digestOf('key', reordered)).toBe(digestOf('key', body));
  });

  test('tells bodies apart that differ in a value, a type, a name or an order of a list', () => {
    const bodies = [{ a: 1 }, { a: '1' }, { a: true }, { b: 1 }, {}, [], null, [1, 2], [2, 1], { a: { b: 1 } }];
    expect(new Set(bodies.map((other) => digestOf('key', other))).size).toBe(bodies.length);
  });

  test('takes no body for one', () => {
    expect(digestOf('key', undefined)).toBe(digestOf('key', undefined));
    expect(digestOf('key', undefined)).not.toBe(digestOf('key', body));
  });

  test('cannot be made without the idempotency key', () => {
    expect(digestOf('other', body)).not.toBe(digestOf('key', body));
    expect(digestOf(storedKeyOf('key'), body)).not.toBe(digestOf('key', body));
  });
});

test('storedKeyOf is SHA-256 of the key, so the table does not hold what digestOf is keyed by', () => {
  expect(storedKeyOf('key')).toBe(createHash('sha256').update('key').digest('base64url'));
});
