import { deleteApiKey } from '../../shared/api/api-keys.ts';
import { fail } from '../../shared/api/problems.ts';
import * as apiKeys from '../../shared/data/api-keys.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** DELETE /api-keys/{key_id}: the key is gone, and with it whatever used it. */
export const handler = endpoint(deleteApiKey, {
  load: ({ identity, params }) => [apiKeys.ref(identity.userId, params.key_id)],
  decide: ({ caller, params }, facts) => {
    const apiKey = facts.get(apiKeys.ref(caller.user.id, params.key_id));
    if (apiKey === undefined) throw fail('api_key_not_found');
    return {
      reply: { message: 'The key is deleted and works no more.' },
      writes: [apiKeys.remove(caller.user.id, apiKey.id)],
      usage: { add: { api_keys: -1 } },
      events: [
        {
          action: 'api_key_delete',
          resource: 'api_key',
          resourceId: apiKey.id,
          status: 'success',
          details: { name: apiKey.name },
        },
      ],
    };
  },
});
