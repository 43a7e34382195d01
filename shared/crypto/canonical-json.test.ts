import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

test('sorts names at every depth and leaves lists in order', () => {
  expect(canonicalJson({ b: [{ d: 1, c: 2 }, 3], a: { f: null, e: 'x' } })).toBe(
    '{"a":{"e":"x","f":null},"b":[{"c":2,"d":1},3]}',
  );
});

test('keeps a name that is special to the language', () => {
  const value: unknown = JSON.parse('{"b":1,"__proto__":{"a":1},"10":2,"9":3}');
  expect(canonicalJson(value)).toBe('{"9":3,"10":2,"__proto__":{"a":1},"b":1}');
});

test('gives one text for one value, in whatever order it was written', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(reversed)).toBe(canonicalJson(value));
    }),
  );
});

test('can be read back to the value, so that no two values share a text', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
