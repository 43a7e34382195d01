import { exportConfigs } from '../../shared/api/otp-configs.ts';
import { fail } from '../../shared/api/problems.ts';
import * as configs from '../../shared/data/configs.ts';
import * as secrets from '../../shared/data/secrets.ts';
import { writeMigrationParts } from '../../shared/domain/migration-payload.ts';
import { buildOtpauthUri } from '../../shared/domain/otpauth-uri.ts';
import { qrSvg } from '../../shared/domain/qr-svg.ts';
import { allRows } from '../../shared/flows/all-rows.ts';
import { openOneOfMany, type SecretLoss } from '../../shared/flows/otp-secret.ts';
import { accountToShow } from '../../shared/flows/secret-forms.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** POST /otp/export: secrets for another authenticator; what cannot be exported is named with its reason (SPEC §5.5). */
export const handler = endpoint(exportConfigs, {
  load: ({ identity }) => [configs.range(identity.userId), secrets.range(identity.userId)],
  decide: async ({ caller, body }, facts) => {
    const userId = caller.user.id;
    const chosen = choose(await allRows(facts, configs.range(userId)), body.config_ids);
    const sealed = new Map((await allRows(facts, secrets.range(userId))).map((secret) => [secret.id, secret]));
    const opened = await Promise.all(
      chosen.map(async (config) => {
        const secret = await openOneOfMany(userId, config, sealed.get(config.id), facts);
        return { config, secret };
      }),
    );
    const lost = opened.flatMap(({ config, secret }) =>
      typeof secret === 'string' ? [{ config_id: config.id, reason: losses[secret] }] : [],
    );
    const intact = opened.flatMap(({ config, secret }) =>
      typeof secret === 'string' ? [] : [{ id: config.id, account: accountToShow(config, secret) }],
    );
    const accounts = intact.map(({ account }) => account);
    const { uris, omitted } =
      body.format === 'migration'
        ? writeMigrationParts(accounts)
        : { uris: accounts.map(buildOtpauthUri), omitted: [] };
    const leftOut = omitted.map(({ index, reason }) => ({ config_id: intact[index]?.id ?? 0, reason }));
    const exported = intact.length - omitted.length;
    return {
      reply: {
        data: [...uris],
        ...(body.format === 'migration' && { qr_svgs: await Promise.all(uris.map(qrSvg)) }),
        exported,
        left_out: [...lost, ...leftOut].sort((a, b) => a.config_id - b.config_id),
      },
      events: [
        {
          action: 'config_export',
          resource: 'otp_config',
          status: 'success',
          details: { format: body.format, exported, config_ids: chosen.map(({ id }) => id) },
        },
      ],
    };
  },
});

const losses: Record<SecretLoss, string> = {
  deleted: 'It was deleted meanwhile.',
  unreadable: 'Its secret cannot be read.',
};

function choose(
  all: readonly configs.OtpConfig[],
  wanted: readonly number[] | undefined,
): readonly configs.OtpConfig[] {
  if (wanted === undefined) return all;
  const ids = new Set(wanted);
  const chosen = all.filter(({ id }) => ids.has(id));
  if (chosen.length < ids.size) throw fail('config_not_found');
  return chosen;
}
