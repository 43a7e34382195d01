import { changeConfig, otherTypeErrors } from '../../shared/api/otp-configs.ts';
import { fail } from '../../shared/api/problems.ts';
import type { Input } from '../../shared/api/route.ts';
import * as configs from '../../shared/data/configs.ts';
import { configAnswer } from '../../shared/flows/config-answer.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** PATCH /otp/configs/{config_id}: what may change without making it another secret. */
export const handler = endpoint(changeConfig, {
  load: ({ identity, params }) => [configs.ref(identity.userId, params.config_id)],
  decide: ({ caller, params, body, now }, facts) => {
    const config = facts.get(configs.ref(caller.user.id, params.config_id));
    if (config === undefined) throw fail('config_not_found');
    const errors = otherTypeErrors(config.otp_type, body);
    if (errors.length > 0) throw fail('invalid_request', { errors });
    const activated = Number(body.is_active ?? config.is_active) - Number(config.is_active);
    return {
      reply: { ...configAnswer(config, now), ...given(body), updated_at: new Date(now).toISOString() },
      writes: [configs.change(caller.user.id, config, body, now)],
      usage: { add: { active: activated } },
      events: [
        {
          action: 'config_update',
          resource: 'otp_config',
          resourceId: String(config.id),
          status: 'success',
          details: { fields: Object.keys(given(body)) },
        },
      ],
    };
  },
});

type Change = Input<typeof changeConfig, 'body'>;

function given(body: Change): { [Field in keyof Change]?: NonNullable<Change[Field]> } {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
