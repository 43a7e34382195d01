import { readFile } from 'node:fs/promises';
import { readOpenapi } from '../../shared/api/service.ts';
import { holdValue } from '../../shared/crypto/held-value.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { pathSeenBy } from '../../shared/http/read-request.ts';

const description = holdValue(readDescription, { maxAgeMs: Number.POSITIVE_INFINITY });

/** GET /openapi.json: made by the build. Under the console's origin the routes are below `/api`. */
export const handler = endpoint(readOpenapi, {
  decide: async ({ client }) => ({
    reply: { ...(await description.get(0)), servers: [{ url: pathSeenBy(client, '') || '/' }] },
  }),
});

/** The description that the build lays beside the bundle. */
async function readDescription(): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(new URL('openapi.json', import.meta.url), 'utf8'));
}
