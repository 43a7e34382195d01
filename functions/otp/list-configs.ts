import { listConfigs } from '../../shared/api/otp-configs.ts';
import * as configs from '../../shared/data/configs.ts';
import { allRows } from '../../shared/flows/all-rows.ts';
import { configAnswer } from '../../shared/flows/config-answer.ts';
import { mayUseConfig } from '../../shared/http/caller.ts';
import { nextLink, readCursor } from '../../shared/http/cursor.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** GET /otp/configs: one's configurations by id, filtered. A user has so few that they are all read. */
export const handler = endpoint(listConfigs, {
  load: ({ identity }) => [configs.range(identity.userId)],
  decide: async (known, facts) => {
    const { caller, query, now } = known;
    const after = Number(readCursor(listConfigs, known)?.['after'] ?? 0);
    const all = await allRows(facts, configs.range(caller.user.id));
    const wanted = all.filter((config) => config.id > after && mayUseConfig(caller, config.id) && fits(config, query));
    const page = wanted.slice(0, query.limit);
    const last = page.at(-1);
    const next = last !== undefined && wanted.length > page.length ? { after: last.id } : undefined;
    return {
      reply: page.map((config) => configAnswer(config, now)),
      headers: nextLink(listConfigs, known, next),
    };
  },
});

function fits(
  config: configs.OtpConfig,
  query: { search?: string | undefined; is_active?: boolean | undefined },
): boolean {
  if (query.is_active !== undefined && config.is_active !== query.is_active) return false;
  const wanted = query.search?.toLowerCase() ?? '';
  return [config.name, config.issuer, config.account].some((text) => text.toLowerCase().includes(wanted));
}
