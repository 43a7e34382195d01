import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { codeOfCounter, wrongCode } from '../../infra/testing/authenticator.ts';
import { comparableAnswer } from '../../infra/testing/comparable-answer.ts';
import { createConfig, createKey, validate } from '../../infra/testing/otp-user.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));
let alice: TestUser;
let mallory: TestUser;

beforeAll(async () => {
  [alice, mallory] = await Promise.all([seedUser(product), seedUser(product)]);
});

function read(id: unknown, { client, token } = alice) {
  return client.get(`/otp/configs/${id}`, { token });
}

describe('GET /otp/configs/{config_id}', () => {
  it('answers all of a configuration but its secret', async () => {
    const { id, created } = await createConfig(alice, { name: 'VPN', issuer: 'Acme', account: 'alice', digits: 8 });
    const { status, headers, body } = await read(id);
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    const { secret: _s, otpauth_uri: _u, qr_svg: _q, ...config } = created;
    expect(body).toEqual(config);
    expect((await read(`${id}/`)).body).toEqual(config);
  });

  it('follows the counter and the last use', async () => {
    const { id, entry } = await createConfig(alice, { otp_type: 'hotp', counter: 10, look_ahead: 5 });
    expect((await read(id)).body).toMatchObject({ counter: 10, look_ahead: 5, last_used_at: null });
    await validate(alice, id, codeOfCounter(entry, 12));
    const { body } = await read(id);
    expect(body).toMatchObject({ counter: 13 });
    expect(Math.abs(Date.parse(body.last_used_at) - Date.now())).toBeLessThan(60_000);
  });

  it('says until when wrong guesses make one wait, and no longer', async () => {
    const { id, entry } = await createConfig(alice, { otp_type: 'hotp' });
    const client = product.newClient();
    const access = { ...alice, client };
    for (let guess = 0; guess < 9; guess++) await validate(access, id, wrongCode(entry, [0]));
    expect((await read(id, access)).body.locked_until).toBeNull();
    await client.moveClock(10_000);
    await validate(access, id, wrongCode(entry, [0]));
    const until = Date.parse((await read(id)).body.locked_until);
    // Ten failures: a second after the last, which was ten seconds from now.
    expect(until - Date.now()).toBeGreaterThan(1000);
    expect(until - Date.now()).toBeLessThanOrEqual(11_000);
    await client.moveClock(20_000);
    expect((await read(id, access)).body.locked_until).toBeNull();
  });

  it("answers another user's configuration as one that is not there (SECURITY 23)", async () => {
    const { id } = await createConfig(alice);
    const [foreign, absent] = [await read(id, mallory), await read(999_999_999, mallory)];
    expect(foreign).toMatchObject({ status: 404, body: { code: 'config_not_found' } });
    expect(comparableAnswer(foreign)).toEqual(comparableAnswer(absent));
  });

  it('is absent for an API key of other configurations, and needs its scope', async () => {
    const [one, other] = [await createConfig(alice), await createConfig(alice)];
    const key = await createKey(alice, product.newClient(), { scopes: ['otp:configs:read'], config_ids: [one.id] });
    const access = { ...alice, ...key };
    expect((await read(one.id, access)).status).toBe(200);
    expect(comparableAnswer(await read(other.id, access))).toEqual(comparableAnswer(await read(999_999, access)));
    const blind = await createKey(alice, product.newClient(), { scopes: ['otp:validate'] });
    expect(await read(one.id, { ...alice, ...blind })).toMatchObject({ status: 403, body: { code: 'scope_missing' } });
  });

  it.each(['0', '01', '-1', '1.0', '1e3', 'abc', '1%23', '1%2F..%2F2', '%20', '1000000000', '%EF%BC%99'])(
    'refuses %s, which is no id (SECURITY 25)',
    async (id) => {
      const { status, body } = await read(id);
      expect([status, body.code]).toEqual([422, 'invalid_request']);
      expect(body.errors.map((error: { path: string }) => error.path)).toEqual(['params.config_id']);
    },
  );
});
