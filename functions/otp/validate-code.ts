import { validateCode } from '../../shared/api/otp-codes.ts';
import { fail } from '../../shared/api/problems.ts';
import type { ReplyBody } from '../../shared/api/route.ts';
import * as configs from '../../shared/data/configs.ts';
import * as secrets from '../../shared/data/secrets.ts';
import { decideHotp, decideTotp } from '../../shared/domain/verify-code.ts';
import { lockOf } from '../../shared/flows/config-answer.ts';
import { countWrongGuess } from '../../shared/flows/count-wrong-guess.ts';
import { openOtpSecret } from '../../shared/flows/otp-secret.ts';
import { mayUseConfig } from '../../shared/http/caller.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import type { Known } from '../../shared/http/operation.ts';
import type { Part } from '../../shared/http/outcome.ts';

/** POST /otp/validate: accepts a right code once. What is answered is what was committed (SPEC §5.3). */
export const handler = endpoint(validateCode, {
  load: ({ identity, body }) => [
    configs.ref(identity.userId, body.config_id),
    secrets.ref(identity.userId, body.config_id),
  ],
  decide: async (known, facts) => {
    const { caller, body, now } = known;
    const config = facts.get(configs.ref(caller.user.id, body.config_id));
    if (config === undefined || !mayUseConfig(caller, config.id)) throw fail('config_not_found');
    if (!config.is_active) return answer(config, { result: 'inactive' });
    const lock = lockOf(config, now);
    if (lock.locked) return answer(config, { result: 'locked', retry_after_seconds: lock.retryAfterSeconds });

    const secret = await openOtpSecret(
      caller.user.id,
      config,
      facts.get(secrets.ref(caller.user.id, config.id)),
      facts,
    );
    const { result, ...effects } = judge(known, config, secret);
    return { ...answer(config, { result }), ...effects };
  },
});

type Result = ReplyBody<typeof validateCode>['result'];

const messages: Record<Result, string> = {
  valid: 'The code is valid.',
  invalid: 'The code is not valid.',
  replayed: 'The code was valid and has been used already.',
  locked: 'Too many wrong codes. Wait before you try again.',
  inactive: 'The configuration is inactive.',
};

function answer(config: configs.OtpConfig, decision: { result: Result; retry_after_seconds?: number | undefined }) {
  const isValid = decision.result === 'valid';
  return {
    reply: { is_valid: isValid, config_id: config.id, message: messages[decision.result], ...decision },
    usage: { add: { validations: 1, successes: isValid ? 1 : 0 } },
    events: [
      {
        action: 'otp_validate',
        resource: 'otp_config',
        resourceId: String(config.id),
        status: isValid ? 'success' : 'failure',
        details: { result: decision.result },
      } as const,
    ],
  };
}

interface Judged extends Pick<Part, 'writes' | 'afterwards'> {
  readonly result: Result;
}

// A replayed code was once right: it is no guess, so it neither counts as one nor ends a run of them.
function judge(
  { caller, body, now }: Known<typeof validateCode>,
  config: configs.OtpConfig,
  secret: Uint8Array,
): Judged {
  const userId = caller.user.id;
  const wrong = (): Judged => ({ result: 'invalid', ...countWrongGuess(userId, config, now) });
  if (config.otp_type === 'totp') {
    const decision = decideTotp({ secret, config, code: body.otp_code, nowMs: now });
    if (decision.result === 'invalid') return wrong();
    if (decision.result === 'replayed') return decision;
    return { result: 'valid', writes: [configs.consumeStep(userId, config, decision.step, now)] };
  }
  const decision = decideHotp({ secret, config, code: body.otp_code, requested_counter: body.counter });
  if (decision.result === 'invalid') return wrong();
  return { result: 'valid', writes: [configs.consumeCounter(userId, config, decision.counter, now)] };
}
