import { describeApi } from '../../shared/api/openapi.ts';
import { readOpenapi } from '../../shared/api/service.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { pathSeenBy } from '../../shared/http/read-request.ts';

const described = new Map<string, Record<string, unknown>>();

/** GET /openapi.json: made once by each instance. Under the console's origin the routes are below `/api`. */
export const handler = endpoint(readOpenapi, {
  decide: ({ client }) => {
    const server = pathSeenBy(client, '') || '/';
    const description = described.get(server) ?? describeApi({ server });
    described.set(server, description);
    return { reply: description };
  },
});
