import { account } from './policy.ts';

// Letters of any script with their marks, decimal digits, `. _ -`; so never a `#`, a space or a control character.
const nameShape = /^[\p{L}\p{M}\p{Nd}._-]+$/u;

/**
 * The one spelling that an account is known by: NFKC and case folded, so that `Ａlice`, `ALICE` and `alice` are one name.
 * Canonical text is its own canonical form.
 */
export function canonicalUsername(text: string): string {
  return foldCase(text);
}

/** The one spelling of an e-mail address, by the same rule: two people cannot own addresses that differ in case only. */
export function canonicalEmail(text: string): string {
  return foldCase(text);
}

/** Whether a text may be a username: 3 to 50 letters, digits and `. _ -`, as written, after NFKC and in canonical form. */
export function isUsername(text: string): boolean {
  return [text.normalize('NFKC'), canonicalUsername(text)].every((form) => {
    const length = [...form].length;
    return nameShape.test(form) && length >= account.username.min && length <= account.username.max;
  });
}

/** The language has no case folding. Upper before lower case joins `ß` with `SS` and `ſ` with `s`, as folding does. */
function foldCase(text: string): string {
  const folded = text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
  // A second round settles the few characters whose folded form composes anew.
  return folded === text ? folded : foldCase(folded);
}
