import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeBase32 } from '../../../shared/domain/base32.ts';
import { isRecord, parseJson } from '../json.ts';
import type { ProductInfo } from '../product.ts';
import { shortestSecret } from './secret-search.ts';

/*
 * What the clients of a run's tests sent and got as secrets, written down by each test process, so that at the end all of it can
 * be searched for where it must not stand.
 */

/** A secret that a test knows: what it is, and itself. */
export type SeenSecret = readonly [kind: string, secret: Uint8Array];

type Table = Pick<ProductInfo, 'table_name'>;

/** Fields of requests and answers that hold a secret and nothing else. */
const secretFields = new Set([
  'password',
  'current_password',
  'new_password',
  'temporary_password',
  'access_token',
  'refresh_token',
  'token',
  'secret',
  'mfa_secret',
  'key',
  'recovery_code',
  'recovery_codes',
]);

/** The secrets in a request's or an answer's body, and in a cookie of it. */
export function secretsIn(body: unknown, cookie = ''): SeenSecret[] {
  const found: SeenSecret[] = [];
  const add = (kind: string, text: string) => {
    if (!isTelling(text)) return;
    found.push([kind, Buffer.from(text)]);
    const bytes = /secret$/.test(kind) ? decodeBase32(text) : undefined;
    if (bytes !== undefined && bytes.length >= shortestSecret) found.push([`the bytes of ${kind}`, bytes]);
    for (const id of idsOfToken(text)) found.push([`an id in ${kind}`, Buffer.from(id)]);
  };
  const walk = (value: unknown, kind: string | undefined): void => {
    if (typeof value === 'string') {
      if (kind !== undefined) add(kind, value);
      const [, secret] = /^otpauth:\/\/.*[?&]secret=([^&]+)/.exec(value) ?? [];
      if (secret !== undefined) add('an otpauth secret', secret);
    } else if (Array.isArray(value)) {
      for (const one of value) walk(one, kind);
    } else if (isRecord(value)) {
      for (const [name, inner] of Object.entries(value)) walk(inner, secretFields.has(name) ? name : undefined);
    }
  };
  walk(body, undefined);
  const [, value] = /^__Host-[^=]+=([^;]+)/.exec(cookie) ?? [];
  if (value !== undefined) add('a cookie', value);
  return found;
}

// A text of a few characters again and again, as tests of lengths and of forged tokens send them, is in many places.
function isTelling(text: string): boolean {
  return text.length >= shortestSecret && new Set(text).size >= 6;
}

/** Session and token ids: who knows them knows what their digests in the table stand for. */
function idsOfToken(token: string): string[] {
  const [, payload] = /^eyJ[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token) ?? [];
  if (payload === undefined) return [];
  try {
    const claims = parseJson(Buffer.from(payload, 'base64url').toString('utf8'));
    const ids = isRecord(claims) ? [claims['sid'], claims['jti']] : [];
    return ids.filter((id) => typeof id === 'string').filter(isTelling);
  } catch {
    return [];
  }
}

/** Begins to write down what the clients of a product see. */
export function watchSecrets(table: Table): void {
  writeFileSync(fileOf(table), '', { mode: 0o600 });
}

/** Writes down what a client saw, each secret once a process; nothing where nobody watches. */
export function secretNotes(table: Table): (seen: readonly SeenSecret[]) => void {
  const file = fileOf(table);
  const isWatched = existsSync(file);
  const known = new Set<string>();
  return (seen) => {
    if (!isWatched) return;
    const fresh = seen.map(([kind, secret]) => [kind, Buffer.from(secret).toString('base64')] as const);
    const lines = fresh.filter(([, text]) => !known.has(text)).map((line) => `${JSON.stringify(line)}\n`);
    for (const [, text] of fresh) known.add(text);
    if (lines.length > 0) appendFileSync(file, lines.join(''));
  };
}

/** All that was written down, each secret once; the notes are gone then. */
export function takeSeenSecrets(table: Table): SeenSecret[] {
  const file = fileOf(table);
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  rmSync(file);
  return [...new Set(lines)].map((line) => {
    const [kind, text]: [string, string] = JSON.parse(line);
    return [kind, Buffer.from(text, 'base64')];
  });
}

function fileOf({ table_name }: Table): string {
  return join(tmpdir(), `${table_name}.secrets`);
}
