import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { hashQuickly } from '../../infra/local/testing/hash-quickly.ts';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { createKey } from '../../infra/testing/otp-user.ts';
import { launchOwnProduct } from '../../infra/testing/own-product.ts';
import { seedAdministrator, seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));
const items = storedItems(product);
const minute = 60_000;
let admin: TestUser;
let user: TestUser;

beforeAll(async () => {
  [admin, user] = await Promise.all([seedAdministrator(product), seedUser(product)]);
  await hashQuickly(product, user);
});

function change(id: string, fields: unknown, { client, token }: TestUser = admin) {
  return client.patch(`/users/${id}`, fields, { token });
}

describe('PATCH /users/{user_id}', () => {
  it('changes what is sent and nothing else, and records it', async () => {
    const before = (await admin.client.get(`/users/${user.user.id}`, { token: admin.token })).body;
    const fields = { access_level: 7, session_timeout: 60, department: 'Research', job_title: 'Chemist' };
    const { status, body } = await change(user.user.id, fields);
    expect(status).toBe(200);
    expect(body).toEqual({ ...before, ...fields });
    expect((await admin.client.get(`/users/${user.user.id}`, { token: admin.token })).body).toEqual(body);
    expect((await items.events(admin.user.id))[0]).toMatchObject({
      action: 'user_update',
      status: 'success',
      resource_id: user.user.id,
      details: { username: user.username, ...fields },
    });
    const cleared = await change(user.user.id, { department: null, session_timeout: 30 });
    expect(cleared.body).toEqual({ ...before, ...fields, department: null, session_timeout: 30 });
  });

  it('changes nothing and records nothing where nothing is sent', async () => {
    const before = await items.events(admin.user.id);
    expect((await change(user.user.id, {})).body.id).toBe(user.user.id);
    expect(await items.events(admin.user.id)).toHaveLength(before.length);
  });

  it.each([
    ['a name (SECURITY 24)', { username: 'root' }, 'username'],
    ['an address (SECURITY 24)', { email: 'a@example.com' }, 'email'],
    ['an id (SECURITY 24)', { id: 'a'.repeat(26) }, 'id'],
    ['MFA (SECURITY 24)', { mfa_enabled: false }, 'mfa_enabled'],
    ['a password (SECURITY 24)', { password: 'Tr0ub4dor&3-other' }, 'password'],
    ['failures (SECURITY 24)', { failed_login_attempts: 0 }, 'failed_login_attempts'],
    ['a generation of sessions (SECURITY 24)', { session_generation: 0 }, 'session_generation'],
    ['a text for a truth value', { is_admin: 'true' }, 'is_admin'],
    ['a number for a truth value', { is_active: 0 }, 'is_active'],
    ['a level below 0', { access_level: -1 }, 'access_level'],
    ['a level above 10', { access_level: 11 }, 'access_level'],
    ['half a level', { access_level: 1.5 }, 'access_level'],
    ['a huge number', { access_level: 1e300 }, 'access_level'],
    ['less than 5 minutes', { session_timeout: 4 }, 'session_timeout'],
    ['more than a day', { session_timeout: 1441 }, 'session_timeout'],
    ['no level at all', { access_level: null }, 'access_level'],
    ['a department that is too long', { department: 'a'.repeat(101) }, 'department'],
  ])('refuses %s', async (_, fields, path) => {
    const answer = await change(user.user.id, fields);
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
    const paths: string[] = answer.body.errors.map((error: { path: string }) => error.path);
    expect([...new Set(paths)]).toEqual([path]);
  });

  it('is 404 for an id that nobody has, 422 for what is no id', async () => {
    expect(await change('a'.repeat(26), { access_level: 1 })).toMatchObject({
      status: 404,
      body: { code: 'user_not_found' },
    });
    expect(await change('somebody', { access_level: 1 })).toMatchObject({ status: 422 });
  });

  it('is for administrators alone: nobody promotes themselves (SECURITY 24)', async () => {
    const answer = await change(user.user.id, { is_admin: true }, user);
    expect(answer).toMatchObject({ status: 403, body: { code: 'admin_required' } });
    expect((await user.client.get('/users/me', { token: user.token })).body.is_admin).toBe(false);
  });
});

describe('PATCH /users/{user_id} at the next request (SECURITY 20)', () => {
  it('promotes and demotes', async () => {
    const { client, token } = user;
    const list = async () => (await client.get('/users?limit=1', { token })).status;
    expect(await list()).toBe(403);
    await change(user.user.id, { is_admin: true });
    expect(await list()).toBe(200);
    await change(user.user.id, { is_admin: false });
    expect(await list()).toBe(403);
  });

  it('disables session, refresh token, API key and log-in; enabling revives no session', async () => {
    const disabled = await seedUser(product);
    const { client, token, refreshToken, username, password } = disabled;
    const key = await createKey(disabled, product.newClient());
    const { body } = await change(disabled.user.id, { is_active: false });
    expect(body.is_active).toBe(false);
    const uses = () =>
      Promise.all([
        client.get('/users/me', { token }),
        client.post('/token/refresh', { refresh_token: refreshToken }),
        key.client.get('/otp/configs', { token: key.token }),
        client.post('/token', { username, password }),
      ]);
    expect((await uses()).map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    await change(disabled.user.id, { is_active: true });
    expect((await uses()).map(({ status }) => status)).toEqual([401, 401, 200, 200]);
  });

  it('shortens the time after which a session without use ends', async () => {
    const { client, token } = await seedUser(product);
    const { body: me } = await client.get('/users/me', { token });
    await client.moveClock(6 * minute);
    await change(me.id, { session_timeout: 5 });
    expect((await client.get('/users/me', { token })).status).toBe(401);
  });

  it('lets two changes at once both stand', async () => {
    const [first, second] = await Promise.all([
      change(user.user.id, { is_admin: true, job_title: 'Lead' }),
      change(user.user.id, { access_level: 3 }),
    ]);
    expect([first.status, second.status]).toEqual([200, 200]);
    const { body } = await change(user.user.id, {});
    expect(body).toMatchObject({ is_admin: true, job_title: 'Lead', access_level: 3 });
    await change(user.user.id, { is_admin: false });
  });
});

describe('PATCH /users/{user_id} of the last active administrator', () => {
  let own: ReturnType<typeof connect>;
  let stop: () => Promise<void>;
  let first: TestUser;
  let second: TestUser;

  beforeAll(async () => {
    // One roster a table: here nobody else administers.
    const launched = await launchOwnProduct(inject('generous'));
    stop = launched.stop;
    own = connect(launched.info);
    [first, second] = await Promise.all([seedAdministrator(own), seedUser(own)]);
  });
  afterAll(() => stop?.());

  it('keeps them active and an administrator', async () => {
    for (const fields of [{ is_admin: false }, { is_active: false }, { is_admin: false, is_active: false }]) {
      const refused = await change(first.user.id, fields, first);
      expect(refused).toMatchObject({ status: 409, body: { code: 'last_administrator' } });
    }
    const { body } = await change(first.user.id, { access_level: 10 }, first);
    expect(body).toMatchObject({ is_admin: true, is_active: true, access_level: 10 });
  });

  it('keeps one of two who demote or disable each other at once', async () => {
    const fields = [{ is_admin: false }, { is_active: false }];
    for (const field of fields) {
      await change(second.user.id, { is_admin: true }, first);
      const answers = await Promise.all([change(first.user.id, field, second), change(second.user.id, field, first)]);
      // The other comes too late: as one who is none any more, or as one who would end the last.
      const [done, late] = answers.sort((a, b) => a.status - b.status);
      expect(done?.status).toBe(200);
      expect(['authentication_required', 'admin_required', 'last_administrator']).toContain(late?.body.code);
      const [winner, loser] = done?.body.id === first.user.id ? [second, first] : [first, second];
      const { body: left } = await winner.client.get(`/users/${winner.user.id}`, { token: winner.token });
      expect(left).toMatchObject({ is_admin: true, is_active: true });
      // For the next round: both as they were, the winner in the place of the first.
      await change(loser.user.id, { is_active: true, is_admin: false }, winner);
      [first, second] = [winner, { ...loser, ...(await own.logIn(loser.client, loser)) }];
    }
  });

  it('keeps one of two who both step back at once', async () => {
    await change(second.user.id, { is_admin: true }, first);
    const answers = await Promise.all([first, second].map((one) => change(one.user.id, { is_admin: false }, one)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const left = answers[0]?.status === 409 ? first : second;
    expect((await left.client.get('/users?limit=1', { token: left.token })).status).toBe(200);
  });

  it('counts a disabled administrator as none', async () => {
    const [boss, other] =
      (await first.client.get('/users?limit=1', { token: first.token })).status === 200
        ? [first, second]
        : [second, first];
    await change(other.user.id, { is_active: false, is_admin: true }, boss);
    const refused = await change(boss.user.id, { is_admin: false }, boss);
    expect(refused).toMatchObject({ status: 409, body: { code: 'last_administrator' } });
    await change(other.user.id, { is_active: true }, boss);
    expect((await change(boss.user.id, { is_admin: false }, boss)).status).toBe(200);
  });
});
