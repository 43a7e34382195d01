import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { operatorEnvironment } from '../../infra/local/first-administrator.ts';
import type { LaunchedProduct } from '../../infra/local/product-launch.ts';
import { type ConnectedProduct, connect } from '../../infra/local/testing.ts';
import { launchOwnProduct } from '../../infra/testing/own-product.ts';
import { openRawTable } from '../../infra/testing/raw-table.ts';
import { readStream, type StreamRecord } from '../../infra/testing/stream-records.ts';
import * as events from '../../shared/data/events.ts';
import { openTable, type Table, TableUnavailable } from '../../shared/data/table.ts';
import { newId } from '../../shared/domain/ids.ts';
import type { handler } from './count-events.ts';

const hour = 3_600_000;
const noon = Date.parse('2026-03-10T12:30:00Z');

let launched: LaunchedProduct;
let product: ConnectedProduct;
let raw: ReturnType<typeof openRawTable>;
let table: Table;
/** The consumer in this process, over the same table, for batches that the test cuts itself. */
let consume: typeof handler;

beforeAll(async () => {
  launched = await launchOwnProduct();
  product = connect(launched.info);
  raw = openRawTable(launched.info);
  Object.assign(process.env, operatorEnvironment(launched.info), { EDGE_KEY: 'an edge key of the tests' });
  table = openTable(launched.info.table_name);
  ({ handler: consume } = await import('./count-events.ts'));
});
afterAll(() => launched?.stop());

beforeEach(async () => {
  await product.pauseStream(false);
  await product.streamIsRead();
  await product.pauseStream(true);
});

/** Hands a batch to the consumer, and again where its time ran out, as Lambda does: whatever it had counted is not counted twice. */
async function count(batch: unknown, deliveries = 5): ReturnType<typeof consume> {
  try {
    return await consume(batch);
  } catch (error) {
    if (!(error instanceof TableUnavailable) || deliveries === 1) throw error;
    return count(batch, deliveries - 1);
  }
}

interface Happening {
  readonly action?: events.Action;
  readonly status?: 'success' | 'failure';
  readonly userId?: string | undefined;
  readonly at?: number;
  readonly details?: Record<string, unknown>;
}

const someone = () => newId(16);

/** Writes events as endpoints do, in the commits of a hundred that the table takes. */
async function happen(...happenings: Happening[]): Promise<void> {
  const writes = happenings.map(({ action = 'otp_generate', status = 'success', userId, at = noon, details = {} }) =>
    events.record(
      userId ?? 'nobody',
      {
        id: newId(10),
        user_id: userId,
        action,
        resource: 'user',
        status,
        ip_address: '192.0.2.1',
        at,
        request_id: 'a request',
        details,
      },
      10_000,
    ),
  );
  for (let from = 0; from < writes.length; from += 100) {
    const outcome = await table.commit(writes.slice(from, from + 100), newId(16), AbortSignal.timeout(10_000));
    expect(outcome).toBe('committed');
  }
}

/** What the stream holds that was not there before `work`, of the one shard that it has. */
async function recordsOf(work: () => Promise<void>): Promise<{ shardId: string; records: StreamRecord[] }> {
  const before = await readStream(launched.info);
  await work();
  const after = await readStream(launched.info);
  for (const [shardId, records] of after) {
    const added = records.slice(before.get(shardId)?.length ?? 0);
    if (added.length > 0) return { shardId, records: added };
  }
  throw new Error('nothing happened');
}

async function counted() {
  const totals = await raw.get('COUNT#system', 'TOTALS');
  const hours = await raw.all('COUNT#hours');
  const sum = (attribute: string) => hours.reduce((all, row) => all + Number(row[attribute] ?? 0), 0);
  return {
    generations: Number(totals?.['generations'] ?? 0),
    validations: Number(totals?.['validations'] ?? 0),
    successes: Number(totals?.['successes'] ?? 0),
    inHours: sum('otp_generate_success'),
    active: sum('newly_active'),
    days: (await raw.all('COUNT#days')).length,
  };
}

/** What work adds to the counts. */
async function gain(work: () => Promise<unknown>) {
  const before = await counted();
  await work();
  const after = await counted();
  return {
    generations: after.generations - before.generations,
    validations: after.validations - before.validations,
    successes: after.successes - before.successes,
    inHours: after.inHours - before.inHours,
    active: after.active - before.active,
    days: after.days - before.days,
  };
}

const nothing = { generations: 0, validations: 0, successes: 0, inHours: 0, active: 0, days: 0 };

describe('a batch of the stream', () => {
  it('adds its sums: codes given, validations, and who was active, each user once a day', async () => {
    const [ann, bob] = [someone(), someone()];
    const { shardId, records } = await recordsOf(() =>
      happen(
        { userId: ann },
        { userId: ann, at: noon + hour },
        { userId: ann, at: noon + 24 * hour },
        { userId: bob, action: 'otp_validate' },
        { userId: bob, action: 'otp_validate', status: 'failure' },
        { userId: bob, details: { generations: 7, config_ids: [1, 2, 3] } },
        // A refused log-in is nobody's activity, whoever was meant.
        { userId: someone(), action: 'login', status: 'failure' },
        { action: 'login', status: 'failure' },
      ),
    );
    expect(await gain(() => count({ shardId, Records: records }))).toEqual({
      generations: 10,
      validations: 2,
      successes: 1,
      inHours: 4,
      active: 3,
      days: 3,
    });
  });

  it('counts once when it is delivered twice (SECURITY 32)', async () => {
    const userId = someone();
    const { shardId, records } = await recordsOf(() => happen(...Array.from({ length: 60 }, () => ({ userId }))));
    const deliver = () => count({ shardId, Records: records });
    expect(await gain(deliver)).toEqual({ ...nothing, generations: 60, inHours: 60, active: 1, days: 1 });
    expect(await gain(deliver)).toEqual(nothing);
    // And a third time, by the poller, which has not read them yet.
    const byPoller = await gain(async () => {
      await product.pauseStream(false);
      await product.streamIsRead();
    });
    expect(byPoller).toEqual(nothing);
  });

  it('counts once when parts of it come again, overlap, or come to several consumers at once', async () => {
    const { shardId, records } = await recordsOf(() =>
      happen(...Array.from({ length: 80 }, () => ({ userId: someone() }))),
    );
    const all = await gain(async () => {
      await count({ shardId, Records: records.slice(0, 30) });
      await count({ shardId, Records: records.slice(10, 50) });
      const rest = { shardId, Records: records.slice(20) };
      await Promise.all(Array.from({ length: 6 }, () => count(rest)));
    });
    expect(all).toEqual({ ...nothing, generations: 80, inHours: 80, active: 80, days: 80 });
  });

  it('is cut where it touches more items than one transaction takes', async () => {
    const happenings = Array.from({ length: 100 }, (_, at) => ({ userId: someone(), at: noon - at * 24 * hour }));
    const { shardId, records } = await recordsOf(() => happen(...happenings));
    expect(records).toHaveLength(100);
    const deliver = () => count({ shardId, Records: records });
    expect(await gain(deliver)).toEqual({ ...nothing, generations: 100, inHours: 100, active: 100, days: 100 });
    expect(await gain(deliver)).toEqual(nothing);
  });

  it('counts each shard for itself, in whatever order they come', async () => {
    const first = await recordsOf(() => happen({ userId: someone() }, { userId: someone() }));
    const later = await recordsOf(() => happen({ userId: someone() }));
    const all = await gain(async () => {
      await count({ shardId: 'shardId-later', Records: later.records });
      await count({ shardId: 'shardId-first', Records: first.records });
      await count({ shardId: 'shardId-later', Records: later.records });
    });
    expect(all).toEqual({ ...nothing, generations: 3, inHours: 3, active: 3, days: 3 });
    // The poller brings them under their own shard: that is another delivery of another stream, so it is kept from it.
    await raw.put({ pk: 'COUNT#shards', sk: later.shardId, last: placeAfter(later.records) });
  });

  it('answers the end of a window, which has no records, with the state that Lambda asks for', async () => {
    expect(await count({ shardId: 'shardId-1', Records: [], state: {}, isFinalInvokeForWindow: true })).toEqual({
      state: {},
      batchItemFailures: [],
    });
  });

  it('is refused whole where Lambda does not say of which shard it is', async () => {
    await expect(count({ Records: [] })).rejects.toThrow();
  });
});

function placeAfter(records: readonly StreamRecord[]): string {
  return String(records.at(-1)?.dynamodb.SequenceNumber).padStart(40, '0');
}

describe('a poison record', () => {
  it('is reported, while all others of its batch are counted, before it and behind it (SECURITY 32)', async () => {
    const { shardId, records } = await recordsOf(async () => {
      await happen({ userId: someone() });
      await raw.put({ pk: 'EVENT#nobody', sk: `otp#poison${randomBytes(4).toString('hex')}`, action: 5 });
      await happen({ userId: someone() }, { userId: someone() });
    });
    const poison = records[1]?.dynamodb.SequenceNumber;
    let answer: Awaited<ReturnType<typeof count>> | undefined;
    const added = await gain(async () => {
      answer = await count({ shardId, Records: records });
    });
    expect(answer?.batchItemFailures).toEqual([{ itemIdentifier: poison }]);
    expect(added).toEqual({ ...nothing, generations: 3, inHours: 3, active: 3, days: 3 });
    // It is reported as often as it comes, so that it ends where failures go; what was counted stays counted once.
    expect(await gain(() => count({ shardId, Records: records.slice(1) }))).toEqual(nothing);
    expect(await count({ shardId, Records: records.slice(1, 2) })).toEqual(answer);
  });

  it('goes to the failure queue alone and does not stop the shard', async () => {
    const failures = async () => (await product.ask('GET', '/stream')).body[0].failures;
    const before = (await failures()).length;
    const added = await gain(async () => {
      await happen({ userId: someone() });
      await raw.put({ pk: 'CONFIG#nobody', sk: '0000000001', is_active: 'perhaps' });
      await happen({ userId: someone() });
      await product.pauseStream(false);
      await product.streamIsRead(40_000);
    });
    expect(added).toEqual({ ...nothing, generations: 2, inHours: 2, active: 2, days: 2 });
    expect((await failures()).slice(before)).toMatchObject([{ function: 'stream/count-events', records: 1 }]);
    const lines = await product.logs({ function: 'stream/count-events' });
    expect(lines.some(({ text }) => text.includes('POISON_RECORD'))).toBe(true);
    expect(lines.some(({ text }) => text.includes('"PoisonRecords":1'))).toBe(true);
  });
});

describe('DynamoDB that fails the consumer', () => {
  it.each([
    ['loses the answer of a commit', { kind: 'lost_response' as const, operation: 'TransactWriteItems' }],
    [
      'answers a conflict, three times',
      { kind: 'error' as const, code: 'TransactionConflict', operation: 'TransactWriteItems', times: 3 },
    ],
    [
      'throttles, longer than the SDK tries',
      { kind: 'error' as const, code: 'ThrottlingException', operation: 'TransactWriteItems', times: 7 },
    ],
    [
      'does not answer a read',
      { kind: 'error' as const, code: 'InternalServerError', operation: 'BatchGetItem', times: 4 },
    ],
    ['leaves half of a read undone', { kind: 'partial_batch' as const, times: 2 }],
  ])('%s: all is counted, once (SECURITY 30, 32)', async (_, fault) => {
    const added = await gain(async () => {
      await happen({ userId: someone() }, { userId: someone() }, { action: 'otp_validate', userId: someone() });
      await product.fault({ service: 'dynamodb', function: 'stream/count-events', ...fault });
      await product.pauseStream(false);
      await product.streamIsRead(40_000);
    });
    expect(added).toEqual({ generations: 2, validations: 1, successes: 1, inHours: 2, active: 3, days: 3 });
    expect((await product.ask('GET', '/faults')).body).toEqual([]);
  });
});
