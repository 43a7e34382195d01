import { createConfig } from '../../shared/api/otp-configs.ts';
import { fail } from '../../shared/api/problems.ts';
import { otp } from '../../shared/domain/policy.ts';
import { configAnswer } from '../../shared/flows/config-answer.ts';
import { beginConfig, configsAdded, configWrites } from '../../shared/flows/new-config.ts';
import { accountOf } from '../../shared/flows/new-config-account.ts';
import { secretForms } from '../../shared/flows/secret-forms.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { otpBox } from '../../shared/http/key-rings.ts';

/** POST /otp/configs: a configuration with a new or an existing secret, shown this once (SPEC §5.1). */
export const handler = endpoint(
  createConfig,
  {
    decide: async ({ caller, body, now }) => {
      const { user, meter } = caller;
      if (meter.configs >= otp.configsPerUser) throw fail('too_many_configs');
      const account = accountOf(body);
      const config = beginConfig(account, body, meter.config_seq + 1, now);
      return {
        reply: { ...configAnswer(config, now), ...(await secretForms(config, account.secret)) },
        writes: await configWrites(user.id, config, account.secret),
        usage: configsAdded([config]),
        events: [
          {
            action: 'config_create',
            resource: 'otp_config',
            resourceId: String(config.id),
            status: 'success',
            details: { otp_type: config.otp_type, algorithm: config.algorithm, existing_secret: account.isExisting },
          },
        ],
      };
    },
  },
  { box: otpBox },
);
