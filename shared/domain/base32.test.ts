import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase32, encodeBase32 } from './base32.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

// RFC 4648 §10.
const rfc4648 = [
  ['', ''],
  ['f', 'MY======'],
  ['fo', 'MZXQ===='],
  ['foo', 'MZXW6==='],
  ['foob', 'MZXW6YQ='],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI======'],
] as const;

describe('RFC 4648 §10', () => {
  it.each(rfc4648)('encodes %j in upper case without padding', (plain, encoded) => {
    expect(encodeBase32(bytesOf(plain))).toBe(encoded.replaceAll('=', ''));
  });

  it.each(rfc4648)('decodes %j with and without its padding', (plain, encoded) => {
    expect(decodeBase32(encoded)).toEqual(bytesOf(plain));
    expect(decodeBase32(encoded.replaceAll('=', ''))).toEqual(bytesOf(plain));
  });
});

describe('decodeBase32', () => {
  it('takes what people paste: lower case, spaces, hyphens', () => {
    const expected = decodeBase32('JBSWY3DPEHPK3PXP');
    expect(expected).toEqual(Uint8Array.from(Buffer.from('48656c6c6f21deadbeef', 'hex')));
    for (const spelling of ['jbswy3dpehpk3pxp', 'JBSW Y3DP EHPK 3PXP', 'jbsw-y3dp-ehpk-3pxp', ' JBSWY3DPEHPK3PXP\n']) {
      expect(decodeBase32(spelling)).toEqual(expected);
    }
  });

  it.each(['0', '1', '8', '9'])('refuses the digit %s', (digit) => {
    expect(decodeBase32(`MZXW6YT${digit}`)).toBeUndefined();
  });

  it.each([1, 3, 6, 9, 11, 14])('refuses %i symbols: no number of bytes has so many', (length) => {
    expect(decodeBase32('A'.repeat(length))).toBeUndefined();
  });

  it.each(['MZXW6YT+', 'MZXW6YT/', 'MY==MY==', '=MY', 'MZXW6YTı', 'MZXW6YTſ', 'ＭＺＸＷ', 'MZXW6YT\u0000'])(
    'refuses %j',
    (text) => {
      expect(decodeBase32(text)).toBeUndefined();
    },
  );

  it('ignores bits behind the last byte, as authenticator apps do', () => {
    expect(decodeBase32('MZ')).toEqual(bytesOf('f'));
    expect(decodeBase32('7777777')).toEqual(Uint8Array.of(255, 255, 255, 255));
  });

  it('gives back every byte string that was encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 130 }), (bytes) => {
        expect(decodeBase32(encodeBase32(bytes))).toEqual(bytes);
        expect(decodeBase32(encodeBase32(bytes).toLowerCase())).toEqual(bytes);
      }),
    );
  });

  it('answers every text and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), (text) => {
        const bytes = decodeBase32(text);
        if (bytes) expect(encodeBase32(bytes).length).toBe(text.replace(/[\s=-]/g, '').length);
      }),
    );
  });
});
