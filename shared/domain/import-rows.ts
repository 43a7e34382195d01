import { readMigrationParts } from './migration-payload.ts';
import { type ReadAccount, refuseAccount } from './otp-account.ts';
import { parseOtpauthUri } from './otpauth-uri.ts';
import { otp } from './policy.ts';

/** One account of an import, or one thing that is wrong with it; `row` is the index of the text that it came from. */
export type ImportRow = { readonly row: number } & ReadAccount;

/**
 * Reads otpauth URIs and the parts of `otpauth-migration:` exports, in any mixture; rows stand in the order of their texts.
 * Secrets below the recommended length are taken only on request.
 */
export function readImport(texts: readonly string[], options: { readonly allowShort?: boolean } = {}): ImportRow[] {
  const numbered = texts.map((text, row) => ({ text, row, isPart: /^\s*otpauth-migration:/i.test(text) }));
  const parts = numbered.filter(({ isPart }) => isPart);
  const ofParts = readMigrationParts(parts.map(({ text }) => text)).map(({ part, ...account }) => ({
    ...account,
    row: parts[part]?.row ?? 0,
  }));
  const ofUris = numbered.filter(({ isPart }) => !isPart).map(({ text, row }) => ({ ...parseOtpauthUri(text), row }));
  return [...ofParts, ...ofUris]
    .sort((a, b) => a.row - b.row)
    .map((row) => (options.allowShort || !isShort(row) ? row : { ...refuseAccount('secret_weak'), row: row.row }));
}

function isShort(row: ImportRow): boolean {
  return row.ok && row.value.secret.length < otp.secretBytes.min;
}
