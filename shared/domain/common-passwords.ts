import { readFileSync } from 'node:fs';
import { account } from './policy.ts';

// What people write for a letter. Both sides of the comparison go through it, so that `1` may stand for `i` and for `l`.
const lookalikes = new Map(
  Object.entries({ a: '@4', e: '3', i: '1!|l', o: '0', s: '5$', t: '7+' }).flatMap(([letter, signs]) =>
    [...signs].map((sign) => [sign, letter] as const),
  ),
);

let skeletons: Set<string> | undefined;

/** The 10,000 most common passwords in the order of the alphabet. */
export function readCommonPasswords(): string[] {
  // Beside the module, and by the build beside each bundle that holds it: a cold start that checks no password does without, and
  // without zlib, whose import would be 3 % of it.
  const packed = readFileSync(new URL('common-passwords.br', import.meta.url));
  return process.getBuiltinModule('node:zlib').brotliDecompressSync(packed).toString('utf8').split('\n');
}

/**
 * Whether a password is one of the 10,000 most common or is built on one of them. Next to none of these satisfies the other
 * rules, so that comparing whole passwords would refuse nothing: `Password2024!` is refused here for being `password` with
 * an ending, and `P@ssw0rd!P@ssw0rd!` for being the same twice.
 */
export function isCommonPassword(password: string): boolean {
  // Refused for its length already; the search for repetition takes quadratic time.
  if (password.length > account.password.maxBytes) return false;
  skeletons ??= new Set(readCommonPasswords().map(skeleton));
  const common = skeletons;
  return cores(password.normalize('NFKC').toLowerCase()).some((core) => common.has(skeleton(core)));
}

/** The password as it is, without what was put behind or before it, and what it repeats. */
function cores(password: string): string[] {
  const starts = [password, password.replace(/^[^\p{L}]+/u, '')];
  const trimmed = starts.flatMap((text) => [text, trimEnd(text, /[\p{L}\p{N}]/u), trimEnd(text, /\p{L}/u)]);
  return trimmed.flatMap((text) => [text, trimEnd(text.replace(/^(.+?)\1+$/u, '$1'), /\p{L}/u)]);
}

/** The text up to its last character of a kind. */
function trimEnd(text: string, kind: RegExp): string {
  const characters = [...text];
  return characters.slice(0, characters.findLastIndex((character) => kind.test(character)) + 1).join('');
}

function skeleton(text: string): string {
  return [...text].map((character) => lookalikes.get(character) ?? character).join('');
}
