import type * as z from 'zod/mini';
import type { apiKey } from '../api/api-keys.ts';
import type { ApiKey } from '../data/api-keys.ts';

/** An API key as its owner sees it. */
export function apiKeyAnswer({ id, name, scopes, ...key }: ApiKey): z.input<typeof apiKey> {
  return {
    id,
    name,
    scopes,
    config_ids: key.config_ids ?? null,
    expires_at: instantOf(key.expires_at),
    created_at: new Date(key.created_at).toISOString(),
    last_used_at: instantOf(key.last_used_at),
  };
}

function instantOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
