import { bulkGenerateCodes } from '../../shared/api/otp-codes.ts';
import type { ReplyBody } from '../../shared/api/route.ts';
import * as configs from '../../shared/data/configs.ts';
import * as secrets from '../../shared/data/secrets.ts';
import { codeAt, remainingSeconds, timeStep } from '../../shared/domain/otp.ts';
import { otp } from '../../shared/domain/policy.ts';
import { openOneOfMany } from '../../shared/flows/otp-secret.ts';
import { whyUnusable } from '../../shared/flows/why-unusable.ts';
import { mayUseConfig } from '../../shared/http/caller.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import type { Facts } from '../../shared/http/facts.ts';
import { otpBox } from '../../shared/http/key-rings.ts';
import type { Known } from '../../shared/http/operation.ts';

type Row = ReplyBody<typeof bulkGenerateCodes>['results'][number];

/** POST /otp/bulk/generate: a row for each id, in the order asked; one bad id never fails the rest. */
export const handler = endpoint(
  bulkGenerateCodes,
  {
    load: ({ identity, body }) =>
      body.flatMap((id) => [configs.ref(identity.userId, id), secrets.ref(identity.userId, id)]),
    decide: async (known, facts) => {
      const results = await Promise.all(known.body.map((id) => rowOf(known, facts, id)));
      const generations = results.filter((row) => row.success).length;
      return {
        reply: { results },
        usage: { add: { generations }, ...(generations > 0 && { usedAt: known.now }) },
        events: [
          {
            action: 'otp_generate',
            resource: 'otp_config',
            status: generations > 0 ? 'success' : 'failure',
            details: { config_ids: idsOf(results, true), refused: idsOf(results, false), generations },
          },
        ],
      };
    },
  },
  { box: otpBox },
);

function idsOf(results: readonly Row[], success: boolean): number[] {
  return results.filter((row) => row.success === success).map((row) => row.config_id);
}

async function rowOf({ caller, now }: Known<typeof bulkGenerateCodes>, facts: Facts, id: number): Promise<Row> {
  const refuse = (error: Extract<Row, { success: false }>['error']): Row => ({ config_id: id, success: false, error });
  const userId = caller.user.id;
  const config = facts.get(configs.ref(userId, id));
  if (config === undefined || !mayUseConfig(caller, id)) return refuse('config_not_found');
  const unusable = whyUnusable(config, now);
  if (unusable !== undefined) return refuse(unusable.refuse);
  if (config.otp_type === 'hotp' && config.counter > otp.counterMax) return refuse('counter_exhausted');
  const secret = await openOneOfMany(userId, config, facts.get(secrets.ref(userId, id)), facts);
  if (secret === 'deleted') return refuse('config_not_found');
  if (secret === 'unreadable') return refuse('secret_unreadable');
  const row = { config_id: id, success: true } as const;
  if (config.otp_type === 'hotp') {
    return { ...row, otp_code: codeAt(secret, config.counter, config), counter: config.counter };
  }
  const step = timeStep(now, config.interval);
  return {
    ...row,
    otp_code: codeAt(secret, step, config),
    next_otp_code: codeAt(secret, step + 1, config),
    remaining_seconds: remainingSeconds(now, config.interval),
  };
}
