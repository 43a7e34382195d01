import { resyncConfig } from '../../shared/api/otp-configs.ts';
import { fail } from '../../shared/api/problems.ts';
import * as configs from '../../shared/data/configs.ts';
import * as secrets from '../../shared/data/secrets.ts';
import { otp } from '../../shared/domain/policy.ts';
import { decideResync } from '../../shared/domain/verify-code.ts';
import { countWrongGuess } from '../../shared/flows/count-wrong-guess.ts';
import { openOtpSecret } from '../../shared/flows/otp-secret.ts';
import { whyUnusable } from '../../shared/flows/why-unusable.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** POST /otp/configs/{config_id}/resync: two consecutive codes move it to where the device is; others are a guess (SPEC §5.4). */
export const handler = endpoint(resyncConfig, {
  load: ({ identity, params }) => [
    configs.ref(identity.userId, params.config_id),
    secrets.ref(identity.userId, params.config_id),
  ],
  decide: async ({ caller, params, body, now }, facts) => {
    const userId = caller.user.id;
    const config = facts.get(configs.ref(userId, params.config_id));
    if (config === undefined) throw fail('config_not_found');
    const unusable = whyUnusable(config, now);
    if (unusable !== undefined) return { ...unusable, events: [resynced(config, 'failure', unusable.refuse)] };

    const secret = await openOtpSecret(userId, config, facts.get(secrets.ref(userId, config.id)), facts);
    const found = decideResync({ secret, config, ...body, nowMs: now });
    if (found.result === 'invalid') {
      const events = [resynced(config, 'failure', 'codes_do_not_match')];
      return { refuse: 'codes_do_not_match', ...countWrongGuess(userId, config, now), events };
    }
    const message = 'The configuration follows the device again.';
    const events = [resynced(config, 'success')];
    if (config.otp_type === 'totp' && found.otp_type === 'totp') {
      const writes = [configs.resyncSteps(userId, config, found, now)];
      return { reply: { message, drift_steps: found.drift }, writes, events };
    }
    if (config.otp_type === 'hotp' && found.otp_type === 'hotp') {
      const writes = [configs.consumeCounter(userId, config, found.counter, now)];
      return { reply: { message, counter: Math.min(found.next_counter, otp.counterMax) }, writes, events };
    }
    throw new Error('a resynchronisation of another type than its configuration');
  },
});

function resynced(config: configs.OtpConfig, status: 'success' | 'failure', reason?: string) {
  return {
    action: 'config_resync',
    resource: 'otp_config',
    resourceId: String(config.id),
    status,
    details: reason === undefined ? {} : { reason },
  } as const;
}
