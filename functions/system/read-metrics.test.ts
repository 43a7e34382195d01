import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { LaunchedProduct } from '../../infra/local/product-launch.ts';
import { type MfaUser, newMfaUser } from '../../infra/local/testing/mfa-user.ts';
import { type Answer, type ConnectedProduct, connect, type TestUser } from '../../infra/local/testing.ts';
import { codeOfCounter, wrongCode } from '../../infra/testing/authenticator.ts';
import { createConfig, createKey, generate, type SharedConfig, validate } from '../../infra/testing/otp-user.ts';
import { launchOwnProduct } from '../../infra/testing/own-product.ts';
import { seedAdministrator, seedUser } from '../../infra/testing/seeded-user.ts';

/* These are the numbers of a whole service, so it has one of its own. */

const hour = 3_600_000;

let launched: LaunchedProduct;
let product: ConnectedProduct;
let admin: TestUser;
let bob: TestUser;
let mfaUser: MfaUser;
let hotp: SharedConfig;

beforeAll(async () => {
  launched = await launchOwnProduct(inject('standard'));
  product = connect(launched.info);
  admin = await seedAdministrator(product);
  bob = await seedUser(product);
  mfaUser = await newMfaUser(product);
});
afterAll(() => launched?.stop());

function ask({ client, token }: Pick<TestUser, 'client' | 'token'> = admin): Promise<Answer> {
  return client.get('/system/metrics', { token });
}

/** The numbers once all that happened before is counted. */
async function counted(access?: Pick<TestUser, 'client' | 'token'>): Promise<Answer['body']> {
  await product.streamIsRead(60_000);
  const { status, body } = await ask(access);
  expect(status).toBe(200);
  return body;
}

describe('GET /system/metrics', () => {
  it('answers the five groups and the moment for which they are exact', async () => {
    const totp = await createConfig(bob);
    hotp = await createConfig(bob, { otp_type: 'hotp' });
    await createConfig(bob);
    await bob.client.patch(`/otp/configs/${totp.id}`, { is_active: false }, { token: bob.token });
    await generate(bob, hotp.id);
    await bob.client.post('/otp/bulk/generate', [hotp.id, 3, 999], { token: bob.token });
    await validate(bob, hotp.id, codeOfCounter(hotp.entry, 0));
    await validate(bob, hotp.id, wrongCode(hotp.entry, [1]));
    await validate(bob, hotp.id, codeOfCounter(hotp.entry, 1));
    const before = Date.now();

    const body = await counted();
    expect(body).toEqual({
      users: { total: 3, active: 3, active_today: 3 },
      configurations: { total: 3, active: 2, by_type: { totp: 2, hotp: 1 } },
      otp_usage: { total_generations: 3, total_validations: 3, success_rate: 66.67 },
      recent_activity_24h: { logins: 3, otp_generations: 3 },
      security: { mfa_enabled_users: 1, locked_accounts: 0 },
      as_of: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    expect(Date.parse(body.as_of)).toBeLessThanOrEqual(before);
    expect(Date.parse(body.as_of)).toBeGreaterThan(before - 60_000);
    expect((await ask()).headers['cache-control']).toBe('no-store');
  });

  it('follows what is taken away: a configuration, a user, a second factor', async () => {
    await bob.client.delete(`/otp/configs/${hotp.id}`, { token: bob.token });
    await admin.client.post(`/users/${mfaUser.user.id}/mfa-reset`, undefined, { token: admin.token });
    await admin.client.patch(`/users/${mfaUser.user.id}`, { is_active: false }, { token: admin.token });
    expect(await counted()).toMatchObject({
      users: { total: 3, active: 2 },
      configurations: { total: 2, active: 1, by_type: { totp: 2, hotp: 0 } },
      // What was done stays done.
      otp_usage: { total_generations: 3, total_validations: 3 },
      security: { mfa_enabled_users: 0 },
    });
  });

  it('counts accounts that are locked, while they are, and not names that nobody has', async () => {
    const stranger = product.newClient();
    for (let tries = 0; tries < 6; tries++) {
      await stranger.post('/token', { username: bob.username });
      await stranger.post('/token', { username: 'nobody-at-all' });
    }
    expect((await counted()).security.locked_accounts).toBe(1);
    const later = product.newClient();
    await later.moveClock(17 * 60_000);
    expect((await ask({ client: later, token: admin.token })).body.security.locked_accounts).toBe(0);
    await admin.client.post(`/users/${bob.user.id}/unlock`, undefined, { token: admin.token });
    expect((await counted()).security.locked_accounts).toBe(0);
  });

  it('forgets after a day what happened lately, and never what happened in all', async () => {
    const client = product.newClient();
    await client.moveClock(25 * hour);
    const { token } = await product.logIn(client, { username: admin.username, password: admin.password });
    expect(await counted({ client, token })).toMatchObject({
      users: { total: 3, active_today: 1 },
      otp_usage: { total_generations: 3, total_validations: 3, success_rate: 66.67 },
      recent_activity_24h: { logins: 1, otp_generations: 0 },
    });
  });

  it('costs the same whatever is counted: the caller, the totals and two ranges of counts', async () => {
    await ask();
    const { requestId } = await ask();
    const { calls, kms, read_units } = await product.calls(requestId);
    expect(calls.map(({ operation }) => operation).sort()).toEqual(['BatchGetItem', 'Query', 'Query']);
    expect(kms).toBe(0);
    expect(read_units).toBeLessThan(8);
  });

  it('is for administrators', async () => {
    const answer = await ask(bob);
    expect([answer.status, answer.body.code]).toEqual([403, 'admin_required']);
    const key = await createKey(bob, bob.client);
    expect((await ask(key)).body.code).toBe('user_token_required');
    expect((await product.newClient().get('/system/metrics')).status).toBe(401);
  });

  it('is a 503 when the counts do not answer', async () => {
    const client = product.newClient();
    const fault = { service: 'dynamodb', operation: 'Query', source_ip: client.sourceIp, match: 'COUNT#' } as const;
    const { clear } = await product.fault({ ...fault, kind: 'error', code: 'InternalServerError', times: 'forever' });
    const failed = await ask({ client, token: admin.token });
    await clear();
    expect([failed.status, failed.body.code]).toEqual([503, 'try_again']);
    expect(failed.headers['retry-after']).toBeDefined();
  });
});
