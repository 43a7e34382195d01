import { generateCode } from '../../shared/api/otp-codes.ts';
import { fail } from '../../shared/api/problems.ts';
import * as configs from '../../shared/data/configs.ts';
import * as secrets from '../../shared/data/secrets.ts';
import { codeAt, remainingSeconds, timeStep } from '../../shared/domain/otp.ts';
import { otp } from '../../shared/domain/policy.ts';
import { openOtpSecret } from '../../shared/flows/otp-secret.ts';
import { whyUnusable } from '../../shared/flows/why-unusable.ts';
import { mayUseConfig } from '../../shared/http/caller.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { otpBox } from '../../shared/http/key-rings.ts';
import type { EventDraft } from '../../shared/http/outcome.ts';

/** POST /otp/generate: the current code; with `counter_increment` each code is handed out once (SPEC §5.2). */
export const handler = endpoint(
  generateCode,
  {
    load: ({ identity, body }) => [
      configs.ref(identity.userId, body.config_id),
      secrets.ref(identity.userId, body.config_id),
    ],
    decide: async ({ caller, body, now }, facts) => {
      const userId = caller.user.id;
      const config = facts.get(configs.ref(userId, body.config_id));
      if (config === undefined || !mayUseConfig(caller, config.id)) throw fail('config_not_found');
      const unusable = whyUnusable(config, now);
      if (unusable !== undefined)
        return { ...unusable, events: [generated(config, 'failure', { reason: unusable.refuse })] };
      const increments = body.counter_increment === true;
      if (increments && config.otp_type === 'totp') throw fail('config_not_hotp');
      if (config.otp_type === 'hotp' && config.counter > otp.counterMax) throw fail('counter_exhausted');

      const secret = await openOtpSecret(userId, config, facts.get(secrets.ref(userId, config.id)), facts);
      const counter = config.otp_type === 'totp' ? timeStep(now, config.interval) : config.counter;
      return {
        reply: {
          otp_code: codeAt(secret, counter, config),
          config_id: config.id,
          generated_at: new Date(now).toISOString(),
          ...(config.otp_type === 'totp' ? { remaining_seconds: remainingSeconds(now, config.interval) } : { counter }),
          ...(increments && counter < otp.counterMax && { next_counter: counter + 1 }),
        },
        writes: increments && config.otp_type === 'hotp' ? [configs.handOutCounter(userId, config, now)] : [],
        usage: { add: { generations: 1 }, usedAt: now },
        events: [generated(config, 'success', { increments })],
      };
    },
  },
  { box: otpBox },
);

function generated(
  config: configs.OtpConfig,
  status: 'success' | 'failure',
  details: Record<string, unknown>,
): EventDraft {
  return { action: 'otp_generate', resource: 'otp_config', resourceId: String(config.id), status, details };
}
