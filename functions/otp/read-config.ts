import { readConfig } from '../../shared/api/otp-configs.ts';
import { fail } from '../../shared/api/problems.ts';
import * as configs from '../../shared/data/configs.ts';
import { configAnswer } from '../../shared/flows/config-answer.ts';
import { mayUseConfig } from '../../shared/http/caller.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** GET /otp/configs/{config_id}: one configuration, never its secret. */
export const handler = endpoint(readConfig, {
  load: ({ identity, params }) => [configs.ref(identity.userId, params.config_id)],
  decide: ({ caller, params, now }, facts) => {
    const config = facts.get(configs.ref(caller.user.id, params.config_id));
    if (config === undefined || !mayUseConfig(caller, config.id)) throw fail('config_not_found');
    return { reply: configAnswer(config, now) };
  },
});
