import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { hashQuickly } from '../../infra/local/testing/hash-quickly.ts';
import { type MfaUser, newMfaUser } from '../../infra/local/testing/mfa-user.ts';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { createKey } from '../../infra/testing/otp-user.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const standard = connect(inject('standard'));
const generous = connect(inject('generous'));
const items = storedItems(generous);

const path = '/users/me/step-up';
const wrong = 'Wr0ng-password!';
const minute = 60_000;

function stepUp({ client, token }: TestUser, proof: object, headers = {}) {
  return client.post(path, proof, { token, headers });
}

/** Whether this session may do what needs a fresh one. */
async function isFresh({ client, token }: TestUser): Promise<boolean> {
  const { status, body } = await client.post('/otp/export', { format: 'otpauth' }, { token });
  if (status === 200) return true;
  expect([status, body.code]).toEqual([403, 'fresh_session_required']);
  return false;
}

describe('POST /users/me/step-up', () => {
  let alice: TestUser;

  beforeAll(async () => {
    alice = await seedUser(generous);
  });

  it('makes the session fresh for five minutes, and this one alone (SECURITY 17)', async () => {
    const user = await seedUser(generous);
    const other = { ...user, ...(await generous.logIn(user.client, user)) };
    await user.client.moveClock(6 * minute);
    expect([await isFresh(user), await isFresh(other)]).toEqual([false, false]);
    const now = Date.now() + 6 * minute;
    const answer = await stepUp(user, { password: user.password });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ fresh_until: expect.any(String), mfa_required: false });
    const until = Date.parse(answer.body.fresh_until) - now - 5 * minute;
    expect(until).toBeGreaterThanOrEqual(0);
    expect(until).toBeLessThan(minute);
    expect([await isFresh(user), await isFresh(other)]).toEqual([true, false]);
    await user.client.moveClock(11 * minute + until + 1000);
    expect(await isFresh(user)).toBe(false);
    expect((await items.events(user.user.id)).find(({ action }) => action === 'step_up')).toMatchObject({
      status: 'success',
      details: { mfa: false },
      resource_id: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  it('refuses a wrong password, and counts it where log-ins count: the fifth locks both (SECURITY 14)', async () => {
    const user = await seedUser(generous);
    const { client, username, password } = user;
    for (let tries = 0; tries < 2; tries++) await client.post('/token', { username });
    for (let tries = 0; tries < 2; tries++) {
      const missing = await stepUp(user, {});
      expect(missing).toMatchObject({ status: 422, body: { errors: [{ path: 'password' }] } });
    }
    expect(await stepUp(user, { password: wrong })).toMatchObject({ status: 403, body: { code: 'wrong_password' } });
    const locked = await stepUp(user, { password });
    expect(locked).toMatchObject({ status: 423, body: { code: 'account_locked' } });
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(890);
    expect((await client.post('/token', { username, password })).status).toBe(423);
    expect((await client.get('/users/me', { token: user.token })).status).toBe(200);
    const [last, before] = (await items.events(user.user.id)).filter(({ action }) => action === 'step_up');
    expect([last, before]).toMatchObject([
      { status: 'failure', details: { reason: 'locked' } },
      { status: 'failure', details: { reason: 'wrong_password' } },
    ]);
  });

  it('ends the run of failures', async () => {
    const { client, username, password } = alice;
    for (let tries = 0; tries < 4; tries++) await client.post('/token', { username });
    expect((await stepUp(alice, { password })).status).toBe(200);
    expect((await client.post('/token', { username })).status).toBe(422);
    expect((await stepUp(alice, { password })).status).toBe(200);
  });

  it.each([
    ['a password that is a number', { password: 5 }, 'password'],
    ['a code of five digits', { password: wrong, mfa_code: '12345' }, 'mfa_code'],
    ['a code that is a number', { password: wrong, mfa_code: 123456 }, 'mfa_code'],
    ['an empty recovery code', { password: wrong, recovery_code: '' }, 'recovery_code'],
    ['an unknown field (SECURITY 24)', { password: wrong, username: 'somebody' }, 'username'],
  ])('refuses %s by its shape alone, and counts nothing', async (_, proof, field) => {
    const answer = await stepUp(alice, proof);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: field }] } });
    const [guard] = await items.partition(`LOGIN#${alice.user.id}`);
    expect(guard?.['failures'] ?? 0).toBe(0);
  });

  it('answers the same Idempotency-Key with the first answer again', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await stepUp(alice, { password: alice.password }, headers);
    const again = await stepUp(alice, { password: alice.password }, headers);
    expect(again).toMatchObject({ status: 200, headers: { 'idempotent-replayed': 'true' } });
    expect(again.body).toEqual(first.body);
    expect(await stepUp(alice, { password: wrong }, headers)).toMatchObject({
      status: 409,
      body: { code: 'idempotency_key_reused' },
    });
  });

  it('is nothing for API keys', async () => {
    const key = await createKey(alice, generous.newClient());
    const answer = await key.client.post(path, { password: alice.password }, { token: key.token });
    expect(answer).toMatchObject({ status: 403, body: { code: 'user_token_required' } });
  });
});

describe('POST /users/me/step-up with MFA (SECURITY 14, 18)', () => {
  let alice: MfaUser;

  beforeAll(async () => {
    alice = await hashQuickly(generous, await newMfaUser(generous));
  });

  it('needs the password and a code: the password alone makes nothing fresh', async () => {
    await alice.pass(11);
    const { password } = alice;
    const halfway = await stepUp(alice, { password });
    expect(halfway).toMatchObject({ status: 200, body: { fresh_until: null, mfa_required: true } });
    expect(await isFresh(alice)).toBe(false);
    expect(await stepUp(alice, { password: wrong, mfa_code: alice.code(0) })).toMatchObject({
      status: 403,
      body: { code: 'wrong_password' },
    });
    expect(await stepUp(alice, { password, mfa_code: alice.wrongCode() })).toMatchObject({
      status: 403,
      body: { code: 'wrong_password' },
    });
    expect(await isFresh(alice)).toBe(false);
    const proven = await stepUp(alice, { password, mfa_code: alice.code(0) });
    expect(proven).toMatchObject({ status: 200, body: { mfa_required: false } });
    expect(await isFresh(alice)).toBe(true);
    expect((await items.events(alice.user.id)).filter(({ action }) => action === 'step_up')).toMatchObject([
      { status: 'success', details: { mfa: true } },
      { status: 'failure', details: { reason: 'wrong_code' } },
      { status: 'failure', details: { reason: 'wrong_password' } },
      { status: 'failure', details: { reason: 'mfa_required' } },
    ]);
  });

  it('takes a code once, here and at the log-in (SECURITY 1)', async () => {
    const { client, username, password } = alice;
    await alice.pass(4);
    expect((await client.post('/token', { username, password, mfa_code: alice.code(0) })).status).toBe(200);
    expect((await stepUp(alice, { password, mfa_code: alice.code(0) })).status).toBe(403);
    expect((await stepUp(alice, { password, mfa_code: alice.code(1) })).status).toBe(200);
    const replayed = await client.post('/token', { username, password, mfa_code: alice.code(1) });
    expect(replayed).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
  });

  it('takes one code of many who send it at once, here and at the log-in (SECURITY 1)', async () => {
    const { client, username, password } = alice;
    await alice.pass(4);
    const mfa_code = alice.code(0);
    const answers = await Promise.all([
      ...Array.from({ length: 4 }, () => stepUp(alice, { password, mfa_code })),
      ...Array.from({ length: 4 }, () => client.post('/token', { username, password, mfa_code })),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    // The others locked the name: that is over now.
    await items.change({ pk: `LOGIN#${alice.user.id}`, sk: 'GUARD' }, { locked_until: 1 });
  });

  it('takes a recovery code once', async () => {
    const { password } = alice;
    await alice.pass(2);
    expect((await stepUp(alice, { password, mfa_code: alice.code(0) })).status).toBe(200);
    const [recovery_code] = alice.recoveryCodes;
    expect((await stepUp(alice, { password, recovery_code })).body.mfa_required).toBe(false);
    expect(await stepUp(alice, { password, recovery_code })).toMatchObject({ status: 403 });
    expect(await stepUp(alice, { password, recovery_code: 'no such code' })).toMatchObject({ status: 403 });
    const [guard] = await items.partition(`LOGIN#${alice.user.id}`);
    expect(guard?.['failures']).toBe(2);
  });

  it('looks at no code after a hundred wrong ones in a row; a recovery code lets in again (SECURITY 9)', async () => {
    const { client, username, password } = alice;
    await alice.pass(2);
    const factor = { pk: `MFA#${alice.user.id}`, sk: 'ACTIVE' };
    // A hundred take more than five hours of locks: all but the last are there already.
    await items.change(factor, { failures: 99, last_failure_at: 1 });
    expect((await stepUp(alice, { password, mfa_code: alice.wrongCode() })).status).toBe(403);
    for (const steps of [2, 32]) {
      await alice.pass(steps);
      const refused = await stepUp(alice, { password, mfa_code: alice.code(0) });
      expect(refused).toMatchObject({ status: 423, body: { code: 'account_locked' } });
      expect(refused.headers['retry-after']).toBeUndefined();
      expect(refused.body.detail).toContain('recovery code');
      expect((await client.post('/token', { username, password, mfa_code: alice.code(0) })).status).toBe(423);
    }
    const [active] = await items.partition(`MFA#${alice.user.id}`);
    expect(active).toMatchObject({ sk: 'ACTIVE', failures: 100 });
    expect((await stepUp(alice, { password, recovery_code: alice.recoveryCodes[1] })).status).toBe(200);
    expect((await stepUp(alice, { password, mfa_code: alice.code(0) })).status).toBe(200);
  });
});

describe('POST /users/me/step-up within the limit of log-ins', () => {
  it('has one budget with them: five in five minutes (SECURITY 10)', async () => {
    const user = await seedUser(standard);
    const { client, username, password } = user;
    for (let tries = 0; tries < 3; tries++) expect((await stepUp(user, { password })).status).toBe(200);
    const fifth = await stepUp(user, { password });
    expect(fifth.headers).toMatchObject({
      'ratelimit-policy': '"login";q=5;w=300',
      ratelimit: expect.stringMatching(/^"login";r=0;t=\d+$/),
    });
    expect(await stepUp(user, { password })).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect((await client.post('/token', { username, password })).status).toBe(429);
    await client.moveClock(5 * minute + 1000);
    expect((await stepUp(user, { password })).status).toBe(200);
  });
});
