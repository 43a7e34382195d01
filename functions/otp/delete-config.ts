import { deleteConfig } from '../../shared/api/otp-configs.ts';
import { fail } from '../../shared/api/problems.ts';
import * as configs from '../../shared/data/configs.ts';
import * as secrets from '../../shared/data/secrets.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** DELETE /otp/configs/{config_id}: the configuration goes, and its secret is destroyed in the same transaction. */
export const handler = endpoint(deleteConfig, {
  load: ({ identity, params }) => [configs.ref(identity.userId, params.config_id)],
  decide: ({ caller, params }, facts) => {
    const config = facts.get(configs.ref(caller.user.id, params.config_id));
    if (config === undefined) throw fail('config_not_found');
    return {
      reply: { message: 'The configuration and its secret are deleted.' },
      writes: [configs.remove(caller.user.id, config), secrets.destroy(caller.user.id, config.id)],
      usage: { add: { configs: -1, active: config.is_active ? -1 : 0, [config.otp_type]: -1, [config.algorithm]: -1 } },
      events: [
        {
          action: 'config_delete',
          resource: 'otp_config',
          resourceId: String(config.id),
          status: 'success',
          details: { name: config.name },
        },
      ],
    };
  },
});
