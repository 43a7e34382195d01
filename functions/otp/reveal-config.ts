import { revealConfig } from '../../shared/api/otp-configs.ts';
import { fail } from '../../shared/api/problems.ts';
import * as configs from '../../shared/data/configs.ts';
import * as secrets from '../../shared/data/secrets.ts';
import { openOtpSecret } from '../../shared/flows/otp-secret.ts';
import { secretForms } from '../../shared/flows/secret-forms.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { otpBox } from '../../shared/http/key-rings.ts';

/** POST /otp/configs/{config_id}/reveal: the secret again, for whoever has just proven who they are. */
export const handler = endpoint(
  revealConfig,
  {
    load: ({ identity, params }) => [
      configs.ref(identity.userId, params.config_id),
      secrets.ref(identity.userId, params.config_id),
    ],
    decide: async ({ caller, params }, facts) => {
      const userId = caller.user.id;
      const config = facts.get(configs.ref(userId, params.config_id));
      if (config === undefined) throw fail('config_not_found');
      const secret = await openOtpSecret(userId, config, facts.get(secrets.ref(userId, config.id)), facts);
      return {
        reply: { config_id: config.id, ...(await secretForms(config, secret)) },
        events: [{ action: 'config_reveal', resource: 'otp_config', resourceId: String(config.id), status: 'success' }],
      };
    },
  },
  { box: otpBox },
);
