import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { openRawTable } from '../../infra/testing/raw-table.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));
const table = openRawTable(inject('generous'));

const path = '/users/me/sessions';
const minute = 60_000;
const instant = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

function list({ client, token }: Pick<TestUser, 'client' | 'token'>) {
  return client.get(path, { token });
}

function claimsOf(token: string): { sid: string } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
}

describe('GET /users/me/sessions', () => {
  let alice: TestUser;

  beforeAll(async () => {
    alice = await seedUser(product);
  });

  it('lists one’s live sessions, the newest first, and which of them asks', async () => {
    const { username, password, client } = alice;
    const phone = product.newClient();
    const headers = { 'user-agent': 'a phone' };
    const { body: tokens } = await phone.post('/token', { username, password }, { headers });
    const { status, body } = await list(alice);
    expect(status).toBe(200);
    const common = {
      id: expect.stringMatching(/^[\w-]{43}$/),
      created_at: expect.stringMatching(instant),
      last_seen_at: expect.stringMatching(instant),
      expires_at: expect.stringMatching(instant),
    };
    expect(body).toEqual([
      { ...common, current: false, ip_address: phone.sourceIp, user_agent: 'a phone' },
      { ...common, current: true, ip_address: client.sourceIp, user_agent: null },
    ]);
    const [newest] = body;
    expect(Date.parse(newest.expires_at) - Date.parse(newest.created_at)).toBe(7 * 86_400_000);
    const seenByPhone = await list({ client: phone, token: tokens.access_token });
    expect(seenByPhone.body.map(({ current }: { current: boolean }) => current)).toEqual([true, false]);
  });

  it('names a session by a digest, from which no token follows (SECURITY 22)', async () => {
    const { sid } = claimsOf(alice.token);
    expect(Buffer.from(sid, 'base64url').length).toBeGreaterThanOrEqual(16);
    const { body, text } = await list(alice);
    expect(text).not.toContain(sid);
    const own = body.find(({ current }: { current: boolean }) => current);
    expect(own.id).toBe(createHash('sha256').update(sid).digest('base64url'));
  });

  it('shows nobody else’s (SECURITY 23)', async () => {
    const bob = await seedUser(product);
    expect((await list(bob)).body).toHaveLength(1);
  });

  it('leaves out what has ended: logged out, idle, or over', async () => {
    const user = await seedUser(product);
    const ended = await product.logIn(user.client, user);
    await user.client.post('/token/revoke', { token: ended.refreshToken });
    expect((await list(user)).body).toHaveLength(1);
    // Idle for 30 minutes is over; what was begun in between goes on.
    await user.client.moveClock(20 * minute);
    const second = await product.logIn(user.client, user);
    await user.client.moveClock(29 * minute);
    const both = await list({ client: user.client, token: second.token });
    expect(both.body).toHaveLength(2);
    await user.client.moveClock(31 * minute);
    const left = await list({ client: user.client, token: second.token });
    expect(left.body).toMatchObject([{ current: true }]);
    expect(left.body).toHaveLength(1);
  });

  it('notes the last use to the minute', async () => {
    const user = await seedUser(product);
    const [before] = (await list(user)).body;
    await user.client.moveClock(2 * minute);
    await user.client.get('/users/me', { token: user.token });
    const [after] = (await list(user)).body;
    const moved = Date.parse(after.last_seen_at) - Date.parse(before.last_seen_at);
    expect(moved).toBeGreaterThanOrEqual(2 * minute);
    expect(after.created_at).toBe(before.created_at);
  });

  it('lists all of them, also when they are more than a page of the table holds', async () => {
    const user = await seedUser(product);
    const [own] = await table.all(`SESSION#${user.user.id}`);
    // Before and after one's own, a megabyte in all: a week of a script that logs in anew each minute.
    const many = Array.from({ length: 8 }, (_, at) => `${at < 4 ? '-' : 'z'}${at}`.padEnd(43, 'x'));
    await Promise.all(many.map((handle) => table.put({ ...own, sk: handle, handle, user_agent: 'x'.repeat(200_000) })));
    const { body } = await list(user);
    expect(body).toHaveLength(9);
    expect(body.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
  });
});
