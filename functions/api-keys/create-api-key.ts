import { createApiKey } from '../../shared/api/api-keys.ts';
import { fail } from '../../shared/api/problems.ts';
import { mintApiKey } from '../../shared/crypto/api-key.ts';
import * as apiKeys from '../../shared/data/api-keys.ts';
import * as configs from '../../shared/data/configs.ts';
import { apiKey as policy } from '../../shared/domain/policy.ts';
import { apiKeyAnswer } from '../../shared/flows/api-key-answer.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { mfaBox } from '../../shared/http/key-rings.ts';

/** POST /api-keys: a key for a back end, within its scopes and configurations; it is shown this once (SPEC §6.5). */
export const handler = endpoint(
  createApiKey,
  {
    load: ({ identity, body }) => (body.config_ids ?? []).map((id) => configs.ref(identity.userId, id)),
    decide: ({ caller, body, now }, facts) => {
      const { user, meter } = caller;
      const expiresAt = body.expires_at === undefined ? undefined : Date.parse(body.expires_at);
      if (expiresAt !== undefined && expiresAt <= now) throw refuse('expires_at', 'Must be in the future');
      const configIds = body.config_ids && [...new Set(body.config_ids)];
      if (configIds?.some((id) => facts.get(configs.ref(user.id, id)) === undefined)) throw fail('config_not_found');
      if (meter.api_keys >= policy.perUser) throw fail('too_many_api_keys');

      const { key, keyId, secretHash } = mintApiKey({ userId: user.id });
      const apiKey: apiKeys.ApiKey = {
        id: keyId,
        name: body.name,
        scopes: body.scopes,
        config_ids: configIds,
        secret_hash: secretHash,
        expires_at: expiresAt,
        created_at: now,
      };
      return {
        reply: { ...apiKeyAnswer(apiKey), key },
        writes: [apiKeys.create(user.id, apiKey)],
        usage: { add: { api_keys: 1 }, atMost: { counter: 'api_keys', most: policy.perUser } },
        events: [
          {
            action: 'api_key_create',
            resource: 'api_key',
            resourceId: keyId,
            status: 'success',
            details: { name: body.name, scopes: body.scopes, config_ids: configIds, expires_at: body.expires_at },
          },
        ],
      };
    },
  },
  { box: mfaBox },
);

function refuse(path: string, message: string) {
  return fail('invalid_request', { errors: [{ path, message }] });
}
