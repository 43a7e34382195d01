import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { type Client, connect, type TestUser } from '../../infra/local/testing.ts';
import { createKey } from '../../infra/testing/otp-user.ts';
import { seedAdministrator, seedUser } from '../../infra/testing/seeded-user.ts';
import { contracts } from '../../shared/api/index.ts';
import { limits } from '../../shared/domain/policy.ts';

const standard = connect(inject('standard'));
const generous = connect(inject('generous'));
const items = storedItems(generous);

const path = '/users/me/change-password';
const better = 'An0ther&better-staple';
const wrong = 'Wr0ng-password!';

interface Sender {
  readonly client: Client;
  readonly token: string;
}

function change({ client, token }: Sender, current: unknown, wanted: unknown, headers = {}) {
  return client.post(path, { current_password: current, new_password: wanted }, { token, headers });
}

/** As clients make it: what is answered with 503 is sent again. */
async function changeAtLast(sender: Sender, current: string, wanted: string): Promise<number> {
  const { status } = await change(sender, current, wanted);
  return status === 503 ? changeAtLast(sender, current, wanted) : status;
}

async function logInStatus({ client, username }: TestUser, password: string): Promise<number> {
  return (await client.post('/token', { username, password })).status;
}

/** Fails to log in so often, in the way that takes no time: without a password. */
async function failLogIns({ client, username }: TestUser, times: number): Promise<void> {
  for (let tries = 0; tries < times; tries++) await client.post('/token', { username });
}

let alice: TestUser;

beforeAll(async () => {
  alice = await seedUser(generous);
});

describe('POST /users/me/change-password', () => {
  it('replaces the password; the other sessions end at their next request, this one goes on (SECURITY 20)', async () => {
    const user = await seedUser(generous);
    const other = await generous.logIn(user.client, user);
    const key = await createKey(user, generous.newClient());
    const answer = await change(user, user.password, better);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ message: 'The password is changed. The other sessions have ended.' });

    const others = await Promise.all([
      user.client.get('/users/me', { token: other.token }),
      user.client.post('/token/refresh', { refresh_token: other.refreshToken }),
    ]);
    expect(others.map(({ status }) => status)).toEqual([401, 401]);
    expect((await user.client.get('/users/me', { token: user.token })).status).toBe(200);
    expect((await user.client.post('/token/refresh', { refresh_token: user.refreshToken })).status).toBe(200);
    expect((await key.client.get('/otp/configs', { token: key.token })).status).toBe(200);
    expect(await logInStatus(user, user.password)).toBe(401);
    expect(await logInStatus(user, better)).toBe(200);

    const events = await items.events(user.user.id);
    const event = events.find(({ action }) => action === 'password_change');
    expect(event).toMatchObject({ status: 'success', resource: 'user', resource_id: user.user.id, details: {} });
    const written = JSON.stringify([events, await generous.logs({ request_id: answer.requestId })]);
    for (const password of [user.password, better]) expect(written).not.toContain(password);
  });

  it.each([
    ['short', 'Aa1!aaaa', 'Use at least 12 characters.'],
    ['without upper case', 'tr0ub4dor&3-staple', 'Use an upper-case letter.'],
    ['without lower case', 'TR0UB4DOR&3-STAPLE', 'Use a lower-case letter.'],
    ['without digit', 'Troubador&-staples', 'Use a digit.'],
    ['without special character', 'Tr0ub4dor3staple', 'Use a special character'],
    ['of 73 bytes', `Tr0ub4dor&3-${'x'.repeat(61)}`, 'Use at most 72 bytes'],
    ['of 73 bytes in fewer characters', `Tr0ub4dor&3-${'é'.repeat(30)}x`, 'Use at most 72 bytes'],
    ['among the common ones', 'Password123!', 'Do not build it on a common password'],
  ])('refuses a new password %s at its field, and does not repeat it (SECURITY 29)', async (_, unfit, sentence) => {
    const { status, body } = await change(alice, alice.password, unfit);
    expect([status, body.code]).toEqual([422, 'invalid_request']);
    expect(body.errors).toContainEqual({ path: 'new_password', message: expect.stringContaining(sentence) });
    expect(JSON.stringify(body)).not.toContain(unfit);
  });

  it('refuses the password that one has', async () => {
    const { status, body } = await change(alice, alice.password, alice.password);
    expect(status).toBe(422);
    expect(body.errors).toEqual([{ path: 'new_password', message: 'Choose another password than the one you have.' }]);
  });

  it('refuses a new password that holds the username, in whatever spelling', async () => {
    const { body } = await change(alice, alice.password, `My-${alice.username.toUpperCase()}-9x`);
    expect(body.errors).toEqual([{ path: 'new_password', message: 'Do not use your username in it.' }]);
  });

  it.each([
    ['no current password', { new_password: better }, 'current_password'],
    ['no new password', { current_password: wrong }, 'new_password'],
    ['a number', { current_password: 5, new_password: better }, 'current_password'],
    ['an unknown field (SECURITY 24)', { current_password: wrong, new_password: better, user_id: 'x' }, 'user_id'],
  ])('refuses %s', async (_, body, field) => {
    const answer = await alice.client.post(path, body, { token: alice.token });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: field }] } });
  });

  it('needs the current password, and shares the budget of failures and the lock with the log-in (SECURITY 14)', async () => {
    const user = await seedUser(generous);
    await failLogIns(user, 4);
    const fifth = await change(user, wrong, better);
    expect(fifth).toMatchObject({ status: 403, body: { code: 'wrong_password' } });
    const locked = await change(user, user.password, better);
    expect(locked).toMatchObject({ status: 423, body: { code: 'account_locked' } });
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(890);
    expect(await logInStatus(user, user.password)).toBe(423);
    // A lock never ends live sessions.
    expect((await user.client.get('/users/me', { token: user.token })).status).toBe(200);
    const reasons = (await items.events(user.user.id)).flatMap(({ action, details }) =>
      action === 'password_change' ? [details['reason']] : [],
    );
    expect(reasons).toEqual(['locked', 'wrong_password']);
  });

  it('changes it once, of two who do it at once', async () => {
    const user = await seedUser(generous);
    const wanted = [better, 'An0ther&third-staple'];
    const statuses = await Promise.all(wanted.map((password) => changeAtLast(user, user.password, password)));
    expect([...statuses].sort()).toEqual([200, 403]);
    const winner = wanted[statuses.indexOf(200)] ?? '';
    expect(await logInStatus(user, winner)).toBe(200);
  });

  it('answers the same Idempotency-Key again, and refuses it for another password', async () => {
    const user = await seedUser(generous);
    const headers = { 'idempotency-key': randomUUID() };
    const first = await change(user, user.password, better, headers);
    const again = await change(user, user.password, better, headers);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotent-replayed']).toBe('true');
    const other = await change(user, user.password, 'An0ther&third-staple', headers);
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
  });
});

describe('POST /users/me/change-password where it is due (SPEC §6.1)', () => {
  const params: Record<string, string> = {
    '{user_id}': 'a'.repeat(26),
    '{session_id}': 'a'.repeat(43),
    '{config_id}': '1',
    '{key_id}': 'a'.repeat(10),
  };
  const filled = (text: string) => text.replace(/\{\w+\}/, (name) => params[name] ?? '');
  const bodies: Record<string, unknown> = {
    'users/change-me': {},
    'users/change-user': {},
    'users/step-up': { password: wrong },
    'users/verify-mfa': { mfa_code: '123456' },
    'otp/generate-code': { config_id: 1 },
    'otp/validate-code': { config_id: 1, otp_code: '123456' },
  };
  const barred = contracts.filter(
    ({ operation, who, body }) =>
      who !== 'public' && (body === undefined || operation in bodies) && operation !== 'users/read-me',
  );
  let due: TestUser;
  let key: Awaited<ReturnType<typeof createKey>>;

  beforeAll(async () => {
    const admin = await seedAdministrator(generous);
    due = await seedUser(generous);
    key = await createKey(due, generous.newClient());
    const wanted = { must_change_password: true, is_admin: true };
    await admin.client.patch(`/users/${due.user.id}`, wanted, { token: admin.token });
  });

  it.each(barred.map(({ method, path, operation }) => [method, path, operation] as const))(
    'lets %s %s wait for it',
    async (method, path, operation) => {
      const answer = await due.client.send(method, filled(path), bodies[operation], { token: due.token });
      expect(answer).toMatchObject({ status: 403, body: { code: 'password_change_required' } });
    },
  );

  it('lets API keys wait for it, a new log-in tell of it, and a log-out through', async () => {
    const byKey = await key.client.get('/otp/configs', { token: key.token });
    expect(byKey).toMatchObject({ status: 403, body: { code: 'password_change_required' } });
    const { token } = await generous.logIn(due.client, due);
    const me = await due.client.get('/users/me', { token });
    expect(me).toMatchObject({ status: 200, body: { must_change_password: true } });
    expect((await due.client.post('/token/revoke', { token })).status).toBe(200);
    expect((await due.client.get('/users/me', { token })).status).toBe(401);
  });

  it('is done by the change, in the session that was there', async () => {
    expect((await change(due, due.password, better)).status).toBe(200);
    const me = await due.client.get('/users/me', { token: due.token });
    expect(me.body.must_change_password).toBe(false);
    expect((await due.client.get('/otp/configs', { token: due.token })).status).toBe(200);
    expect((await key.client.get('/otp/configs', { token: key.token })).status).toBe(200);
  });
});

describe('POST /users/me/change-password within its limit', () => {
  it('takes five an hour; what is unfit costs none (SECURITY 10)', async () => {
    const user = await seedUser(standard);
    expect((await change(user, user.password, 'unfit')).headers['ratelimit']).toBeUndefined();
    const { max, windowSeconds } = limits.password_change;
    // All but the last are spent already: each costs a hash.
    await storedItems(standard).change(
      { pk: `METER#${user.user.id}`, sk: 'METER' },
      { limit_password_change_at: Date.now(), limit_password_change_used: max - 1 },
    );
    const fifth = await change(user, wrong, better);
    expect(fifth).toMatchObject({ status: 403, headers: { 'ratelimit-policy': '"password_change";q=5;w=3600' } });
    expect(fifth.headers['ratelimit']).toMatch(/^"password_change";r=0;/);
    const sixth = await change(user, user.password, better);
    expect(sixth).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(Number(sixth.headers['retry-after'])).toBeGreaterThan(windowSeconds - 60);
  });
});
