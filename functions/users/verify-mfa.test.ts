import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { authenticator } from '../../infra/local/testing/mfa-user.ts';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const standard = connect(inject('standard'));
const generous = connect(inject('generous'));
const items = storedItems(generous);

const path = '/users/me/mfa/verify';
let alice: TestUser;

beforeAll(async () => {
  alice = await seedUser(generous);
});

/** Begins the set-up; gives what the authenticator then shows. */
async function enable({ client, token }: TestUser) {
  const { status, body, text } = await client.post('/users/me/mfa/enable', undefined, { token });
  if (status !== 200) throw new Error(`POST /users/me/mfa/enable: ${status} ${text}`);
  const at = authenticator(body.mfa_secret);
  const begunAt = Date.now();
  return {
    code: (steps = 0) => at(begunAt, steps),
    wrong: () => wrongCode([-2, -1, 0, 1, 2].map((s) => at(begunAt, s))),
  };
}

function wrongCode(right: readonly string[]): string {
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !right.includes(code)) ?? '';
}

function verify({ client, token }: TestUser, mfa_code: unknown, headers = {}) {
  return client.post(path, { mfa_code }, { token, headers });
}

describe('POST /users/me/mfa/verify', () => {
  it('turns MFA on, answers ten recovery codes and ends the other sessions (SECURITY 16, 20)', async () => {
    const user = await seedUser(generous);
    const { client, username, password } = user;
    const other = await generous.logIn(client, user);
    const app = await enable(user);
    const answer = await verify(user, app.code());
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ message: expect.any(String), recovery_codes: expect.any(Array) });
    const codes: string[] = answer.body.recovery_codes;
    expect(new Set(codes).size).toBe(10);
    // 80 bit each, where 64 are asked for (SECURITY 18).
    for (const code of codes) expect(code).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);

    const others = await Promise.all([
      client.get('/users/me', { token: other.token }),
      client.post('/token/refresh', { refresh_token: other.refreshToken }),
    ]);
    expect(others.map(({ status }) => status)).toEqual([401, 401]);
    expect((await client.get('/users/me', { token: user.token })).body).toMatchObject({ mfa_enabled: true });
    expect((await client.post('/token', { username, password })).body).toMatchObject({ mfa_required: true });

    const stored = await items.partition(`MFA#${user.user.id}`);
    expect(stored.map(({ sk }) => sk)).toEqual(['ACTIVE', 'RECOVERY']);
    expect((await items.events(user.user.id)).find(({ action }) => action === 'mfa_enable')).toMatchObject({
      status: 'success',
      details: {},
    });
    const written = (await items.text()) + JSON.stringify(await generous.logs({ request_id: answer.requestId }));
    for (const code of codes) {
      expect(written.includes(code)).toBe(false);
      expect(written.includes(code.replaceAll('-', ''))).toBe(false);
    }
  });

  it('spends the code that it took: a log-in needs the next one (SECURITY 1)', async () => {
    const user = await seedUser(generous);
    const { client, username, password } = user;
    const app = await enable(user);
    expect((await verify(user, app.code())).status).toBe(200);
    const replayed = await client.post('/token', { username, password, mfa_code: app.code() });
    expect(replayed).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
    expect((await client.post('/token', { username, password, mfa_code: app.code(-1) })).status).toBe(401);
    expect((await client.post('/token', { username, password, mfa_code: app.code(1) })).status).toBe(200);
    expect(await verify(user, app.code(2))).toMatchObject({ status: 409, body: { code: 'mfa_already_enabled' } });
  });

  it('needs a set-up that is pending', async () => {
    const user = await seedUser(generous);
    expect(await verify(user, '123456')).toMatchObject({ status: 409, body: { code: 'mfa_not_pending' } });
    const app = await enable(user);
    await user.client.moveClock(600_000 + 1000);
    expect(await verify(user, app.code(20))).toMatchObject({ status: 409, body: { code: 'mfa_not_pending' } });
    await user.client.moveClock(0);
    expect((await verify(user, app.code())).status).toBe(200);
  });

  it('is bound to the secret that is pending now (SECURITY 16)', async () => {
    const [first, second] = [await enable(alice), await enable(alice)];
    expect(await verify(alice, first.code())).toMatchObject({ status: 409, body: { code: 'invalid_mfa_code' } });
    expect((await verify(alice, second.code())).status).toBe(200);
    await alice.client.post('/users/me/mfa/disable', undefined, { token: alice.token });
  });

  it('activates nothing where another secret became the pending one meanwhile (SECURITY 16)', async () => {
    const first = await enable(alice);
    await generous.fault({
      service: 'dynamodb',
      operation: 'TransactWriteItems',
      function: 'users/verify-mfa',
      source_ip: alice.client.sourceIp,
      kind: 'delay',
      delay_ms: 1000,
    });
    const verifying = verify(alice, first.code());
    await wait(400);
    const second = await enable(alice);
    expect(await verifying).toMatchObject({ status: 409, body: { code: 'invalid_mfa_code' } });
    expect((await alice.client.get('/users/me', { token: alice.token })).body.mfa_enabled).toBe(false);
    expect((await verify(alice, second.code())).status).toBe(200);
    await alice.client.post('/users/me/mfa/disable', undefined, { token: alice.token });
  });

  it('gives a pending secret up after ten wrong codes, the right one then too', async () => {
    const app = await enable(alice);
    for (let tries = 0; tries < 10; tries++) {
      expect(await verify(alice, app.wrong())).toMatchObject({ status: 409, body: { code: 'invalid_mfa_code' } });
    }
    expect(await verify(alice, app.code())).toMatchObject({ status: 409, body: { code: 'mfa_not_pending' } });
    const failures = (await items.events(alice.user.id)).slice(0, 10);
    for (const failure of failures) expect(failure).toMatchObject({ action: 'mfa_enable', status: 'failure' });
  });

  it('judges no more than ten of many codes at once (SECURITY 10)', async () => {
    const app = await enable(alice);
    const answers = await Promise.all(Array.from({ length: 16 }, () => verify(alice, app.wrong())));
    const judged = answers.filter(({ body }) => body.code === 'invalid_mfa_code');
    expect(judged.length).toBeLessThanOrEqual(10);
    expect(answers.filter(({ status }) => status !== 409 && status !== 503)).toEqual([]);
  });

  it('turns MFA on once, of many who send the code at once', async () => {
    const user = await seedUser(generous);
    const app = await enable(user);
    const answers = await Promise.all(Array.from({ length: 3 }, () => verify(user, app.code())));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    const codes = answers.find(({ status }) => status === 200)?.body.recovery_codes;
    const { client, username, password } = user;
    expect((await client.post('/token', { username, password, recovery_code: codes[0] })).status).toBe(200);
  });

  it.each(['12345', '1234567', '123 456', ' 12345', '１２３４５６', '', 123456, null, ['123456']])(
    'refuses %j by its shape alone, and counts nothing (SECURITY 3)',
    async (code) => {
      const answer = await verify(alice, code);
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'mfa_code' }] } });
    },
  );

  it('refuses unknown fields (SECURITY 24)', async () => {
    const body = { mfa_code: '123456', mfa_secret: 'A'.repeat(32) };
    const answer = await alice.client.post(path, body, { token: alice.token });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'mfa_secret' }] } });
  });

  it('answers the same Idempotency-Key with the same recovery codes, also when the answer was lost (SECURITY 30)', async () => {
    const user = await seedUser(generous);
    const app = await enable(user);
    const headers = { 'idempotency-key': randomUUID() };
    await generous.fault({
      service: 'dynamodb',
      operation: 'TransactWriteItems',
      source_ip: user.client.sourceIp,
      match: 'ACTIVE',
      kind: 'lost_response',
    });
    const [first, again] = [await verify(user, app.code(), headers), await verify(user, app.code(), headers)];
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.body).toEqual(first.body);
    const [kept] = await items.partition(`IDEM#${user.user.id}`);
    expect(kept).toMatchObject({ sealed: expect.any(Uint8Array) });
    expect(kept?.['body']).toBeUndefined();
  });
});

describe('POST /users/me/mfa/verify within its limit', () => {
  it('takes ten an hour (SECURITY 10)', async () => {
    const user = await seedUser(standard);
    for (let tries = 0; tries < 9; tries++) await verify(user, '000000');
    const tenth = await verify(user, '000000');
    expect(tenth.headers).toMatchObject({
      'ratelimit-policy': '"mfa";q=10;w=3600',
      ratelimit: expect.stringContaining('r=0;'),
    });
    expect(await verify(user, '000000')).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
  });
});
