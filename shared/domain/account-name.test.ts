import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalEmail, canonicalUsername, isUsername } from './account-name.ts';

describe('canonicalUsername', () => {
  it.each([
    ['ALICE', 'alice'],
    ['Ａｌｉｃｅ', 'alice'],
    ['ﬁona', 'fiona'],
    ['Straße', 'strasse'],
    ['STRASSE', 'strasse'],
    ['cafe\u0301', 'caf\u00e9'],
    ['CAF\u00c9', 'caf\u00e9'],
    ['\u017fam', 'sam'],
    ['\u212aelvin', 'kelvin'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
    ['σίσυφοσ', 'σίσυφος'],
  ])('%j is the account %j', (written, canonical) => {
    expect(canonicalUsername(written)).toBe(canonical);
  });

  it('is its own canonical form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const canonical = canonicalUsername(text);
        expect(canonicalUsername(canonical)).toBe(canonical);
      }),
      { numRuns: 2000 },
    );
  });

  it('does not depend on case or on how a letter is composed', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'Z', 'é', 'Å', 'ß', 'я', '7', '.', 'ﬃ') }), (text) => {
        const canonical = canonicalUsername(text);
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'] as const) {
          expect(canonicalUsername(text.normalize(form))).toBe(canonical);
          expect(canonicalUsername(text.toUpperCase().normalize(form))).toBe(canonical);
          expect(canonicalUsername(text.toLowerCase().normalize(form))).toBe(canonical);
        }
      }),
    );
  });
});

describe('canonicalEmail', () => {
  it('is one for all spellings of an address', () => {
    expect(canonicalEmail('John.Doe@Example.COM')).toBe('john.doe@example.com');
    expect(canonicalEmail('ｊohn.doe@example.com')).toBe('john.doe@example.com');
  });
});

describe('isUsername', () => {
  it.each(['abc', 'a.b', 'A_b-9', 'Zoë', 'Ιωάννα', 'x'.repeat(50), 'cafe\u0301', '中文名', 'देवनागरी'])(
    'takes %j',
    (name) => {
      expect(isUsername(name)).toBe(true);
    },
  );

  it.each([
    '',
    'ab',
    'x'.repeat(51),
    'a b c',
    'a#b',
    'USER#1',
    'a/b',
    'a@b.c',
    'abc\n',
    'ab\u0000c',
    'ab\u200bc',
    'a\ud800bc',
    '😀😀😀',
    'ß'.repeat(26),
    'ﷺ'.repeat(3),
  ])('refuses %j', (name) => {
    expect(isUsername(name)).toBe(false);
  });

  it('never takes a name whose canonical form could split a key or be empty', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (name) => {
        if (!isUsername(name)) return;
        expect(canonicalUsername(name)).toMatch(/^[^#\s/]{3,}$/);
        expect(isUsername(canonicalUsername(name))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
