import { beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { type Answer, type Client, connect, type TestUser } from '../../infra/local/testing.ts';
import { createKey, setClock } from '../../infra/testing/otp-user.ts';
import { seedAdministrator, seedUser } from '../../infra/testing/seeded-user.ts';
import { quietHour, type WrittenEvent, writeEvents } from '../../infra/testing/written-events.ts';

const product = connect(inject('generous'));
const hour = 3_600_000;
const now = quietHour('timeline');

let admin: TestUser;
/** The administrator in the quiet hour, logged in there. */
let there: { client: Client; token: string };

beforeAll(async () => {
  admin = await seedAdministrator(product);
  const client = product.newClient();
  await setClock(client, now + 10 * 60_000);
  const { token } = await product.logIn(client, { username: admin.username, password: admin.password });
  there = { client, token };
  const happened = (count: number, hoursAgo: number, kind: Omit<WrittenEvent, 'at'>) =>
    Array.from({ length: count }, (_, at) => ({ ...kind, at: now - hoursAgo * hour + at }));
  await writeEvents(product, [
    ...happened(3, 0, { action: 'otp_generate' }),
    ...happened(2, 0, { action: 'otp_validate', status: 'success' }),
    ...happened(4, 0, { action: 'otp_validate', status: 'failure' }),
    ...happened(5, 2, { action: 'login', status: 'failure' }),
    // The last instant of an hour and the first of the next.
    { action: 'logout', at: now - 5 * hour - 1 },
    { action: 'logout', at: now - 5 * hour },
    ...happened(7, 23, { action: 'config_create' }),
    ...happened(11, 24, { action: 'config_create' }),
    ...happened(13, 719, { action: 'config_delete' }),
    ...happened(17, 720, { action: 'config_delete' }),
  ]);
  // Others write meanwhile, so that the stream may never be at rest: the last of it that counts here is waited for.
  const isCounted = async () => {
    const { body } = await read('?hours=720');
    return body.reduce((sum: number, { success, failure }: Bucket) => sum + success + failure, 0);
  };
  await vi.waitFor(async () => expect(await isCounted()).toBe(total), { timeout: 60_000, interval: 200 });
});

/** All that happens in the last 720 hours: what is written, and the administrator's own log-in. */
const total = 3 + 2 + 4 + 5 + 2 + 7 + 11 + 13 + 1;

interface Bucket {
  readonly success: number;
  readonly failure: number;
}

function read(query: string, { client, token } = there): Promise<Answer> {
  return client.get(`/audit/timeline${query}`, { token });
}

const hourAt = (hoursAgo: number) => new Date(now - hoursAgo * hour).toISOString();

describe('GET /audit/timeline', () => {
  it('answers an item for each of the last 24 hours, the oldest first, an hour without events as zeros', async () => {
    const answer = await read('');
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    const expected: Record<number, object> = {
      0: {
        success: 6,
        failure: 4,
        // The log-in is the administrator's own.
        actions: { otp_generate: 3, otp_validate: 6, login: 1 },
      },
      2: { success: 0, failure: 5, actions: { login: 5 } },
      5: { success: 1, failure: 0, actions: { logout: 1 } },
      6: { success: 1, failure: 0, actions: { logout: 1 } },
      23: { success: 7, failure: 0, actions: { config_create: 7 } },
    };
    const nothing = { success: 0, failure: 0, actions: {} };
    expect(answer.body).toEqual(
      Array.from({ length: 24 }, (_, at) => ({ hour: hourAt(23 - at), ...(expected[23 - at] ?? nothing) })),
    );
  });

  it('answers as many hours as are asked for, one or a month', async () => {
    const { body: one } = await read('?hours=1');
    expect(one).toMatchObject([{ hour: hourAt(0), success: 6 }]);
    const { body: month } = await read('?hours=720');
    expect(month).toHaveLength(720);
    expect(month[0]).toEqual({ hour: hourAt(719), success: 13, failure: 0, actions: { config_delete: 13 } });
  });

  it.each(['hours=0', 'hours=721', 'hours=-1', 'hours=1.5', 'hours=day', 'hours=', 'days=1'])(
    'refuses %s',
    async (query) => {
      const answer = await read(`?${query}`);
      expect([answer.status, answer.body.code]).toEqual([422, 'invalid_request']);
    },
  );

  it('costs the same whatever has happened: the caller and one range of counts', async () => {
    await read('?hours=720');
    const { requestId } = await read('?hours=720');
    const { calls, read_units } = await product.calls(requestId);
    expect(calls.map(({ operation }) => operation).sort()).toEqual(['BatchGetItem', 'Query']);
    expect(read_units).toBeLessThan(10);
  });

  it('is for administrators', async () => {
    const bob = await seedUser(product);
    const answer = await read('', bob);
    expect([answer.status, answer.body.code]).toEqual([403, 'admin_required']);
    const key = await createKey(admin, admin.client);
    expect((await read('', { client: admin.client, token: key.token })).body.code).toBe('user_token_required');
    expect((await product.newClient().get('/audit/timeline')).status).toBe(401);
  });
});
