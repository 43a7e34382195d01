import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { codeOfCounter, wrongCode } from '../../infra/testing/authenticator.ts';
import { createConfig, createKey, generate, validate } from '../../infra/testing/otp-user.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));
let alice: TestUser;
let bob: TestUser;

beforeAll(async () => {
  [alice, bob] = await Promise.all([seedUser(product), seedUser(product)]);
});

function read({ client, token }: TestUser) {
  return client.get('/user/metrics', { token });
}

const nothing = {
  configurations: {
    total: 0,
    active: 0,
    by_type: { totp: 0, hotp: 0 },
    by_algorithm: { sha1: 0, sha256: 0, sha512: 0 },
  },
  otp_usage: { total_generations: 0, total_validations: 0, successful_validations: 0, success_rate: 0 },
  last_used_at: null,
};

describe('GET /user/metrics', () => {
  it('answers nothing of somebody who has nothing', async () => {
    const { status, headers, body } = await read(bob);
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(body).toEqual(nothing);
  });

  it('counts configurations by kind, exactly and at once, and nobody else’s', async () => {
    const { client, token } = alice;
    const totp = await createConfig(alice, { algorithm: 'sha256' });
    const hotp = await createConfig(alice, { otp_type: 'hotp' });
    await createConfig(alice, { algorithm: 'sha512' });
    expect((await read(alice)).body.configurations).toEqual({
      total: 3,
      active: 3,
      by_type: { totp: 2, hotp: 1 },
      by_algorithm: { sha1: 1, sha256: 1, sha512: 1 },
    });
    await client.patch(`/otp/configs/${hotp.id}`, { is_active: false }, { token });
    await client.patch(`/otp/configs/${hotp.id}`, { is_active: false }, { token });
    await client.delete(`/otp/configs/${totp.id}`, { token });
    const expected = {
      total: 2,
      active: 1,
      by_type: { totp: 1, hotp: 1 },
      by_algorithm: { sha1: 1, sha256: 0, sha512: 1 },
    };
    expect((await read(alice)).body.configurations).toEqual(expected);
    await client.delete(`/otp/configs/${hotp.id}`, { token });
    expect((await read(alice)).body.configurations).toMatchObject({ total: 1, active: 1 });
    expect((await read(bob)).body).toEqual(nothing);
  });

  it('counts use exactly, also of many requests at once, and tells when the last was', async () => {
    const before = Date.now();
    const config = await createConfig(alice, { otp_type: 'hotp' });
    await Promise.all(Array.from({ length: 8 }, () => generate(alice, config.id)));
    await validate(alice, config.id, codeOfCounter(config.entry, 0));
    await validate(alice, config.id, codeOfCounter(config.entry, 1));
    await validate(alice, config.id, wrongCode(config.entry, [2]));
    const { body } = await read(alice);
    expect(body.otp_usage).toEqual({
      total_generations: 8,
      total_validations: 3,
      successful_validations: 2,
      success_rate: 66.67,
    });
    expect(Date.parse(body.last_used_at)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(body.last_used_at)).toBeLessThanOrEqual(Date.now());
  });

  it('costs one read, however much there is', async () => {
    const { calls, kms } = await product.calls((await read(alice)).requestId);
    expect(calls.map(({ operation }) => operation)).toEqual(['BatchGetItem']);
    expect(kms).toBe(0);
  });

  it('is for people who are logged in', async () => {
    expect((await alice.client.get('/user/metrics')).status).toBe(401);
    const key = await createKey(bob, product.newClient());
    const byKey = await key.client.get('/user/metrics', { token: key.token });
    expect(byKey).toMatchObject({ status: 403, body: { code: 'user_token_required' } });
  });
});
