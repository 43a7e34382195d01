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
    ['more values than any request has', `[${'7,'.repeat(2000)}7]`],
    ['a string that does not end', '{"a":"\\'],
    ['a comment', '/* */ {}'],
    ['a number in another notation', '{"a":0x10}'],
  ])('refuses %s (SECURITY 24)', (_, text) => {
    expect(() => readJson(bytes(text))).toThrow('malformed_json');
  });

  it.each([
    ['a byte that is none', [0xff]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a longer zero', [0xc0, 0x80]],
    ['half a character', [0xe2, 0x82]],
  ])('refuses invalid UTF-8: %s (SECURITY 24)', (_, bad) => {
    expect(() => readJson(Uint8Array.of(0x22, ...bad, 0x22))).toThrow('malformed_json');
  });

  it.each([
    ['commas', '[7', ',7'],
    ['names', '{"a":[', '{"b":1},'],
    ['escapes', '"', '\\u0000'],
    ['quotes', '"', '\\"'],
    ['brackets', '', '['],
  ])('refuses a megabyte of %s in no time (SECURITY 24)', (_, begin, text) => {
    const body = bytes(begin + text.repeat(2 ** 20 / text.length));
    const startedAt = process.cpuUsage();
    expect(() => readJson(body)).toThrow('malformed_json');
    expect(process.cpuUsage(startedAt).user / 1000).toBeLessThan(200);
  });

  it('lets the same name stand in two objects, and names and braces stand in strings', () => {
    expect(readJson(bytes('[{"a":"{\\"a\\":"},{"a":"a:b"}]'))).toEqual([{ a: '{"a":' }, { a: 'a:b' }]);
  });
});
