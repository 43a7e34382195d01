import { base32nopad } from '@scure/base';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

// RFC 4648 §6: five bytes make eight symbols, so a rest of 1, 3 or 6 symbols holds no whole number of bytes.
const impossibleRests = new Set([1, 3, 6]);

/** RFC 4648 base32 in upper case without padding: iOS Google Authenticator refuses a secret that holds `=`. */
export function encodeBase32(bytes: Uint8Array): string {
  return base32nopad.encode(bytes);
}

/**
 * The bytes of a base32 text as people paste it: lower case, white space, hyphens and padding are tolerated.
 * `undefined` when a symbol is not of the alphabet (`0 1 8 9` are not) or the length is impossible.
 */
export function decodeBase32(text: string): Uint8Array | undefined {
  // The alphabet is checked before the case is changed: `ı` and `ſ` would become letters of it.
  const symbols = /^([A-Za-z2-7]*)=*$/.exec(text.replace(/[\s-]/g, ''))?.[1]?.toUpperCase();
  if (symbols === undefined || impossibleRests.has(symbols.length % 8)) return undefined;
  return base32nopad.decode(clearSpareBits(symbols));
}

/** Some issuers draw random letters, so that bits behind the last byte are set. Authenticator apps ignore them; so do we. */
function clearSpareBits(symbols: string): string {
  const spare = (symbols.length * 5) % 8;
  const last = alphabet.charAt((alphabet.indexOf(symbols.slice(-1)) >> spare) << spare);
  return spare === 0 ? symbols : symbols.slice(0, -1) + last;
}
