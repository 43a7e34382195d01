import { unlockConfig } from '../../shared/api/otp-configs.ts';
import { fail } from '../../shared/api/problems.ts';
import * as configs from '../../shared/data/configs.ts';
import { configAnswer } from '../../shared/flows/config-answer.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** POST /otp/configs/{config_id}/unlock: ends the run of wrong guesses, and with it the lock that only this ends. */
export const handler = endpoint(unlockConfig, {
  load: ({ identity, params }) => [configs.ref(identity.userId, params.config_id)],
  decide: ({ caller, params, now }, facts) => {
    const config = facts.get(configs.ref(caller.user.id, params.config_id));
    if (config === undefined) throw fail('config_not_found');
    return {
      reply: configAnswer({ ...config, failures: 0, updated_at: now }, now),
      writes: [configs.unlock(caller.user.id, config, now)],
      events: [
        {
          action: 'config_unlock',
          resource: 'otp_config',
          resourceId: String(config.id),
          status: 'success',
          details: { failures: config.failures },
        },
      ],
    };
  },
});
