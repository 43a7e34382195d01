import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from './read-json.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('readJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        expect(readJson(bytes(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    ['a name twice', '{"a":1,"a":2}'],
    ['a name twice, once escaped', String.raw`{"a":1,"\u0061":2}`],
    ['a name twice deep inside', '[{"x":{"a":1,"b":[],"a":2}}]'],
    ['__proto__', '{"__proto__":{"is_admin":true}}'],
    ['__proto__, escaped', String.raw`{"\u005f_proto__":1}`],
    ['nesting beyond reason', `${'['.repeat(50)}${']'.repeat(50)}`],
    ['NaN', '{"a":NaN}'],
    ['a comma too many', '{"a":1,}'],
    ['nothing', ''],
    ['two values', '{} {}'],
  ])('refuses %s (SECURITY 24)', (_, text) => {
    expect(() => readJson(bytes(text))).toThrow('malformed_json');
  });

  it('refuses invalid UTF-8', () => {
    expect(() => readJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('malformed_json');
  });

  it('lets the same name stand in two objects, and names and braces stand in strings', () => {
    expect(readJson(bytes('[{"a":"{\\"a\\":"},{"a":"a:b"}]'))).toEqual([{ a: '{"a":' }, { a: 'a:b' }]);
  });
});
