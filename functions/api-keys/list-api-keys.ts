import { listApiKeys } from '../../shared/api/api-keys.ts';
import * as apiKeys from '../../shared/data/api-keys.ts';
import { apiKeyAnswer } from '../../shared/flows/api-key-answer.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** GET /api-keys: one's keys, the oldest first; those that have expired are among them until they are deleted. */
export const handler = endpoint(listApiKeys, {
  load: ({ identity }) => [apiKeys.range(identity.userId)],
  decide: ({ caller }, facts) => {
    const { rows } = facts.page(apiKeys.range(caller.user.id));
    return { reply: rows.toSorted((a, b) => a.created_at - b.created_at).map(apiKeyAnswer) };
  },
});
