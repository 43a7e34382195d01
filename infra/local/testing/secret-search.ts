import { isUtf8 } from 'node:buffer';
import { encodeBase32 } from '../../../shared/domain/base32.ts';

/** Finds secrets in bytes, in whatever encoding they stand there; says which secret in which. */
export type SecretSearch = (haystack: Uint8Array) => string[];

/** What fewer characters of a text tell is no proof: they are found by chance. */
export const shortestSecret = 12;

interface Encoding {
  readonly name: string;
  readonly encode: (bytes: Buffer) => string;
  /** How many bits a character carries, where a text's bytes may begin within a character. */
  readonly bits?: 5 | 6;
}

const encodings: readonly Encoding[] = [
  { name: 'plain', encode: (bytes) => bytes.toString('latin1') },
  { name: 'JSON', encode: ofText((text) => JSON.stringify(text).slice(1, -1)) },
  { name: 'URL', encode: ofText(encodeURIComponent) },
  { name: 'form', encode: ofText((text) => new URLSearchParams({ '': text }).toString().slice(1)) },
  { name: 'hex', encode: (bytes) => bytes.toString('hex') },
  { name: 'HEX', encode: (bytes) => bytes.toString('hex').toUpperCase() },
  { name: 'base64', encode: (bytes) => bytes.toString('base64'), bits: 6 },
  { name: 'base64url', encode: (bytes) => bytes.toString('base64url'), bits: 6 },
  { name: 'base32', encode: encodeBase32, bits: 5 },
  { name: 'base32 in lower case', encode: (bytes) => encodeBase32(bytes).toLowerCase(), bits: 5 },
];

// Bytes that are no text have no such form.
function ofText(encode: (text: string) => string): Encoding['encode'] {
  return (bytes) => (isUtf8(bytes) ? Buffer.from(encode(bytes.toString('utf8'))).toString('latin1') : '');
}

/** A secret in each encoding: of those whose characters are not whole bytes, as it looks behind any number of other bytes. */
export function encodingsOf(secret: Uint8Array): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, encode, bits } of encodings) {
    for (const text of bits === undefined ? [encode(Buffer.from(secret))] : alignments(secret, encode, bits)) {
      if (text.length >= shortestSecret && !found.has(text)) found.set(text, name);
    }
  }
  return found;
}

// The characters that hold bits of a neighbour are left out: they are not the secret's own.
function alignments(secret: Uint8Array, encode: Encoding['encode'], bits: number): string[] {
  return Array.from({ length: bits === 6 ? 3 : 5 }, (_, before) => {
    const text = encode(Buffer.concat([Buffer.alloc(before), secret]));
    return text.slice(Math.ceil((before * 8) / bits), Math.floor(((before + secret.length) * 8) / bits));
  });
}

const filterBits = 2 ** 24;
const base = 0x01000193;

/**
 * A search for all secrets at once, in one pass over the haystack (Rabin and Karp): tens of thousands of texts, one by one, would
 * take minutes. The names say what was found where a secret itself must not be told.
 */
export function createSecretSearch(secrets: Iterable<readonly [name: string, secret: Uint8Array]>): SecretSearch {
  const byHash = new Map<number, { name: string; needle: Buffer }[]>();
  const filter = new Uint8Array(filterBits / 8);
  for (const [name, secret] of secrets) {
    for (const [text, encoding] of encodingsOf(secret)) {
      const needle = Buffer.from(text, 'latin1');
      const hash = hashOf(needle);
      const others = byHash.get(hash) ?? [];
      byHash.set(hash, [...others, { name: `${name} in ${encoding}`, needle }]);
      filter[(hash % filterBits) >> 3] = (filter[(hash % filterBits) >> 3] ?? 0) | (1 << (hash & 7));
    }
  }
  return (haystack) => {
    const found = new Set<string>();
    const bytes = Buffer.from(haystack.buffer, haystack.byteOffset, haystack.byteLength);
    let hash = bytes.length < shortestSecret ? 0 : hashOf(bytes);
    for (let at = 0; at + shortestSecret <= bytes.length; at++) {
      if (at > 0) hash = rolled(hash, bytes[at - 1] ?? 0, bytes[at + shortestSecret - 1] ?? 0);
      if (((filter[(hash % filterBits) >> 3] ?? 0) & (1 << (hash & 7))) === 0) continue;
      for (const { name, needle } of byHash.get(hash) ?? []) {
        if (bytes.subarray(at, at + needle.length).equals(needle)) found.add(name);
      }
    }
    return [...found];
  };
}

function hashOf(bytes: Uint8Array): number {
  let hash = 0;
  for (let at = 0; at < shortestSecret; at++) hash = (Math.imul(hash, base) + (bytes[at] ?? 0)) >>> 0;
  return hash;
}

let leading = 1;
for (let at = 0; at < shortestSecret; at++) leading = Math.imul(leading, base);

function rolled(hash: number, out: number, into: number): number {
  return (Math.imul(hash, base) + into - Math.imul(out, leading)) >>> 0;
}
