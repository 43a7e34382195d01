import { importConfigs } from '../../shared/api/otp-configs.ts';
import { fail } from '../../shared/api/problems.ts';
import type { ReplyBody } from '../../shared/api/route.ts';
import * as configs from '../../shared/data/configs.ts';
import * as secrets from '../../shared/data/secrets.ts';
import { type ImportRow, readImport } from '../../shared/domain/import-rows.ts';
import { codesKey, parametersKey } from '../../shared/domain/otp-account.ts';
import { otp } from '../../shared/domain/policy.ts';
import { allRows } from '../../shared/flows/all-rows.ts';
import { beginConfig, configsAdded, configWrites, nameOf } from '../../shared/flows/new-config.ts';
import { openOneOfMany } from '../../shared/flows/otp-secret.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import type { Facts } from '../../shared/http/facts.ts';
import type { Part } from '../../shared/http/outcome.ts';

/**
 * POST /otp/import: a row for each entry. What is too much for one transaction is made in several, each whole: an import that
 * broke off and is sent again finds what was made as duplicates (SPEC §5.5).
 */
export const handler = endpoint(importConfigs, {
  load: ({ identity }) => [configs.range(identity.userId)],
  decide: async ({ caller, body, now, once }, facts) => {
    const { user, meter } = caller;
    const rows = readImport(body.data, { allowShort: body.allow_short_secret === true });
    if (rows.length > otp.importRows) throw tooManyRows();
    const held = await idsByCodes(user.id, facts, rows);
    // What an earlier part of this very import made, by the place of its row, is no duplicate of it.
    const made = await once('made', async () => new Map<number, number>());
    const { results, fresh } = planRows(rows, { held, made, nextId: meter.config_seq + 1, now });
    if (meter.configs + fresh.length > otp.configsPerUser) throw fail('too_many_configs');

    const count = (result: Row['result']) => results.filter((row) => row.result === result).length;
    const totals = { created: count('created'), duplicates: count('duplicate'), invalid: count('invalid') };
    if (body.dry_run) return { reply: { results: results.map(withoutNewId(meter.config_seq)), ...totals } };
    const parts = await Promise.all(chunksOf(fresh).map((chunk) => partOf(user.id, chunk, made)));
    return { reply: { results, ...totals }, parts: parts.slice(0, -1), ...(parts.at(-1) ?? imported([], totals)) };
  },
});

type Row = ReplyBody<typeof importConfigs>['results'][number];

/** A configuration that is to be made, and the place of the row that asks for it. */
interface Fresh {
  readonly at: number;
  readonly config: configs.OtpConfig;
  readonly secret: Uint8Array;
}

function planRows(
  rows: readonly ImportRow[],
  known: { held: ReadonlyMap<string, number>; made: ReadonlyMap<number, number>; nextId: number; now: number },
): { results: Row[]; fresh: Fresh[] } {
  const ids = new Map(known.held);
  const fresh: Fresh[] = [];
  const results = rows.map((row, at): Row => {
    if (!row.ok) return { row: row.row, result: 'invalid', reason: row.reason };
    const { value: account, warnings } = row;
    const about = { row: row.row, name: nameOf(account), ...(warnings.length > 0 && { warnings: [...warnings] }) };
    const [madeId, heldId] = [known.made.get(at), ids.get(codesKey(account))];
    if (madeId === undefined && heldId !== undefined) return { ...about, result: 'duplicate', config_id: heldId };
    const id = madeId ?? known.nextId + fresh.length;
    ids.set(codesKey(account), id);
    if (madeId === undefined) {
      fresh.push({ at, config: beginConfig(account, {}, id, known.now), secret: account.secret });
    }
    return { ...about, result: 'created', config_id: id };
  });
  return { results, fresh };
}

/** The ids of the configurations that an entry may be a duplicate of. Only secrets that may be one are read and opened. */
async function idsByCodes(userId: string, facts: Facts, rows: readonly ImportRow[]): Promise<Map<string, number>> {
  const wanted = new Set(rows.flatMap((row) => (row.ok ? [parametersKey(row.value)] : [])));
  const alike = (await allRows(facts, configs.range(userId))).filter((config) => wanted.has(parametersKey(config)));
  if (alike.length === 0) return new Map();
  const range = secrets.range(userId);
  const sealed = new Map((await allRows(await facts.more([range]), range)).map((secret) => [secret.id, secret]));
  const opened = await Promise.all(
    alike.map(async (config): Promise<[string, number][]> => {
      const secret = await openOneOfMany(userId, config, sealed.get(config.id), facts);
      return typeof secret === 'string' ? [] : [[codesKey({ ...config, secret }), config.id]];
    }),
  );
  return new Map(opened.flat());
}

async function partOf(userId: string, chunk: readonly Fresh[], made: Map<number, number>): Promise<Part> {
  const writes = await Promise.all(chunk.map(({ config, secret }) => configWrites(userId, config, secret)));
  const added = chunk.map(({ config }) => config);
  return {
    writes: writes.flat(),
    usage: configsAdded(added),
    ...imported(added.map(({ id }) => id)),
    afterwards: () => {
      for (const { at, config } of chunk) made.set(at, config.id);
    },
  };
}

function imported(configIds: readonly number[], totals: Readonly<Record<string, number>> = {}): Pick<Part, 'events'> {
  const details = { config_ids: configIds, ...totals };
  const status = totals['invalid'] && !totals['duplicates'] ? 'failure' : 'success';
  return { events: [{ action: 'config_import', resource: 'otp_config', status, details }] };
}

function chunksOf(fresh: readonly Fresh[]): Fresh[][] {
  const size = otp.configsPerTransaction;
  return Array.from({ length: Math.ceil(fresh.length / size) }, (_, at) => fresh.slice(at * size, (at + 1) * size));
}

// A dry run makes nothing: a row that would be made, or repeats such a row, has no id yet.
function withoutNewId(lastId: number) {
  return ({ config_id: id, ...row }: Row): Row => (id === undefined || id > lastId ? row : { ...row, config_id: id });
}

function tooManyRows() {
  const message = `More than ${otp.importRows} entries`;
  return fail('invalid_request', { errors: [{ path: 'data', message }] });
}
