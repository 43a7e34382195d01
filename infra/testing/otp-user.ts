import { randomBytes } from 'node:crypto';
import { encodeBase32 } from '../../shared/domain/base32.ts';
import type { Answer, Client, RequestOptions, TestUser } from '../local/testing.ts';
import type { AuthenticatorEntry } from './authenticator.ts';

/** A configuration, and the authenticator that holds its secret too. */
export interface SharedConfig {
  readonly id: number;
  readonly entry: AuthenticatorEntry & { readonly secret: Uint8Array };
  /** As its creation answered it. */
  readonly created: Answer['body'];
}

/** Somebody's way to the API: a client and the token or key that it sends. */
export interface Access {
  readonly client: Client;
  readonly token: string;
}

/** Creates a configuration, TOTP unless said otherwise, around a known secret. */
export async function createConfig(
  { client, token }: Access,
  fields: { algorithm?: string; digits?: number; [field: string]: unknown } = {},
  secret: Uint8Array = randomBytes(20),
): Promise<SharedConfig> {
  const body = { name: 'Test', otp_type: 'totp', secret: encodeBase32(secret), allow_short_secret: true, ...fields };
  const { status, body: created, text } = await client.post('/otp/configs', body, { token });
  if (status !== 201) throw new Error(`POST /otp/configs: ${status} ${text}`);
  return { id: created.id, entry: { secret, algorithm: fields.algorithm, digits: fields.digits }, created };
}

/** Asks whether a code is right. */
export function validate(
  { client, token }: Access,
  id: number,
  code: unknown,
  more: object = {},
  options: RequestOptions = {},
) {
  return client.post('/otp/validate', { config_id: id, otp_code: code, ...more }, { token, ...options });
}

/** Asks for a code. */
export function generate({ client, token }: Access, id: number, more: object = {}, options: RequestOptions = {}) {
  return client.post('/otp/generate', { config_id: id, ...more }, { token, ...options });
}

/** An API key of a user, used from an address of its own: it works at every instant, where a session would have ended. */
export async function createKey(
  user: TestUser,
  client: Client,
  more: object = {},
): Promise<Access & { readonly id: string }> {
  const scopes = ['otp:generate', 'otp:validate', 'otp:configs:read'];
  const answer = await user.client.post('/api-keys', { name: 'Test', scopes, ...more }, { token: user.token });
  if (answer.status !== 201) throw new Error(`POST /api-keys: ${answer.status} ${answer.text}`);
  return { client, token: answer.body.key, id: answer.body.id };
}

/** Sets the clock of a client to an instant; from there it goes on. */
export function setClock(client: Client, ms: number): Promise<void> {
  return client.moveClock(Math.round(ms) - Date.now());
}

/** An instant shortly ahead, one second into a time step, so that a test that takes a few seconds stays in one step. */
export function stepAhead(interval = 30): number {
  return (Math.floor(Date.now() / 1000 / interval) + 1) * interval * 1000 + 1000;
}

/** How often each value of a field occurs in answers. */
export function tally(answers: readonly Answer[], field: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const value = String(body?.[field] ?? body?.code ?? status);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
}
