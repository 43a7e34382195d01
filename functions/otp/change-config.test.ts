import { beforeAll, describe, expect, inject, it } from 'vitest';
import { atLast, connect, type TestUser } from '../../infra/local/testing.ts';
import { codeOfCounter } from '../../infra/testing/authenticator.ts';
import { comparableAnswer } from '../../infra/testing/comparable-answer.ts';
import { createConfig, createKey, generate, validate } from '../../infra/testing/otp-user.ts';
import { openRawTable } from '../../infra/testing/raw-table.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';
import { userItems } from '../../infra/testing/user-items.ts';

const product = connect(inject('generous'));
const table = openRawTable(inject('generous'));
let alice: TestUser;
let mallory: TestUser;

beforeAll(async () => {
  [alice, mallory] = await Promise.all([seedUser(product), seedUser(product)]);
});

function change(id: number | string, body: unknown, { client, token } = alice) {
  return client.patch(`/otp/configs/${id}`, body, { token });
}

function read(id: number) {
  return alice.client.get(`/otp/configs/${id}`, { token: alice.token });
}

describe('PATCH /otp/configs/{config_id}', () => {
  it('answers the configuration as it is now, without its secret', async () => {
    const { id, created } = await createConfig(alice, { name: 'Old', issuer: 'Old' });
    const changes = { name: 'New', issuer: 'Acme', account: 'alice', window: 2 };
    const { status, headers, body } = await change(id, changes);
    expect(status).toBe(200);
    expect(headers['ratelimit-policy']).toMatch(/^"config_change";q=/);
    const { secret: _s, otpauth_uri: _u, qr_svg: _q, ...before } = created;
    expect(body).toEqual({ ...before, ...changes, updated_at: expect.any(String) });
    expect(Date.parse(body.updated_at)).toBeGreaterThan(Date.parse(created.updated_at));
    expect((await read(id)).body).toEqual(body);
  });

  it('leaves alone what is not named, and takes away what is emptied', async () => {
    const { id } = await createConfig(alice, { otp_type: 'hotp', counter: 4, issuer: 'Acme', account: 'alice' });
    expect((await change(id, { look_ahead: 0 })).body).toMatchObject({ look_ahead: 0, issuer: 'Acme', counter: 4 });
    expect((await change(id, { issuer: '' })).body).toMatchObject({ look_ahead: 0, issuer: '', account: 'alice' });
    expect((await read(id)).body).toMatchObject({ look_ahead: 0, issuer: '', account: 'alice', counter: 4 });
  });

  it('makes a window and a look-ahead count from the next code on', async () => {
    const { id, entry } = await createConfig(alice, { otp_type: 'hotp', look_ahead: 0 });
    expect((await validate(alice, id, codeOfCounter(entry, 20))).body.result).toBe('invalid');
    await change(id, { look_ahead: 20 });
    expect((await validate(alice, id, codeOfCounter(entry, 20))).body.result).toBe('valid');
  });

  it('turns a configuration off and on, which the statistics follow', async () => {
    const bob = await seedUser(product);
    const { id } = await createConfig(bob);
    await createConfig(bob);
    const active = async () => (await bob.client.get('/otp/stats', { token: bob.token })).body.active_configs;
    for (const [is_active, count] of [
      [false, 1],
      [false, 1],
      [true, 2],
      [true, 2],
      [false, 1],
    ]) {
      expect((await change(id, { is_active }, bob)).body.is_active).toBe(is_active);
      expect(await active()).toBe(count);
    }
    // Of twenty at once, whichever is the last.
    await Promise.all(
      Array.from({ length: 20 }, (_, at) => atLast(() => change(id, { is_active: at % 2 === 0 }, bob))),
    );
    const { body } = await bob.client.get(`/otp/configs/${id}`, { token: bob.token });
    expect(await active()).toBe(body.is_active ? 2 : 1);
  });

  it.each([
    [{ otp_type: 'totp' }, { look_ahead: 3 }, 'look_ahead'],
    [{ otp_type: 'hotp' }, { window: 1 }, 'window'],
  ])('of %j refuses %j of the other type', async (fields, body, path) => {
    const { id } = await createConfig(alice, fields);
    const answer = await change(id, { name: 'New', ...body });
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_request', errors: [{ path }] } });
    expect((await read(id)).body).toMatchObject({ name: 'Test' });
  });

  it.each([
    ['id', 5],
    ['otp_type', 'hotp'],
    ['algorithm', 'sha256'],
    ['digits', 8],
    ['interval', 60],
    ['counter', 0],
    ['secret', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'],
    ['otpauth_uri', 'otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'],
    ['failures', 0],
    ['locked_until', null],
    ['last_step', 0],
    ['name', ''],
    ['name', null],
    ['name', 'n'.repeat(101)],
    ['issuer', 'A:B'],
    ['account', 'a'.repeat(129)],
    ['is_active', 'false'],
    ['is_active', 0],
    ['window', 3],
    ['window', '1'],
    ['look_ahead', 21],
  ])('refuses %s of %j (SECURITY 24)', async (field, value) => {
    const { status, body } = await change(1, { [field]: value });
    expect([status, body.code]).toEqual([422, 'invalid_request']);
    expect(body.errors.map((error: { path: string }) => error.path)).toEqual([field]);
  });

  it("answers another user's configuration as one that is not there, and leaves it as it is (SECURITY 23)", async () => {
    const { id } = await createConfig(alice);
    for (const body of [{ name: 'Mine' }, { look_ahead: 3 }]) {
      const [foreign, absent] = [await change(id, body, mallory), await change(999_999_999, body, mallory)];
      expect(foreign).toMatchObject({ status: 404, body: { code: 'config_not_found' } });
      expect(comparableAnswer(foreign)).toEqual(comparableAnswer(absent));
    }
    expect((await read(id)).body.name).toBe('Test');
    expect(await change('abc', {})).toMatchObject({ status: 422, body: { errors: [{ path: 'params.config_id' }] } });
  });

  it('is not for API keys', async () => {
    const { id } = await createConfig(alice);
    const key = await createKey(alice, product.newClient());
    const answer = await change(id, { is_active: false }, { ...alice, ...key });
    expect(answer).toMatchObject({ status: 403, body: { code: 'user_token_required' } });
  });

  it('loses no counter that is handed out meanwhile (SECURITY 5)', async () => {
    const { id } = await createConfig(alice, { otp_type: 'hotp' });
    const [handedOut] = await Promise.all([
      Promise.all(Array.from({ length: 10 }, () => generate(alice, id, { counter_increment: true }))),
      Promise.all(Array.from({ length: 10 }, (_, at) => change(id, { name: `Name ${at}`, look_ahead: at }))),
    ]);
    const counters = handedOut.flatMap(({ status, body }) => (status === 200 ? [body.counter] : []));
    expect(counters.length).toBeGreaterThan(0);
    expect(new Set(counters).size).toBe(counters.length);
    // Whoever was told to try again may have had one too.
    expect((await read(id)).body.counter).toBeGreaterThanOrEqual(counters.length);
  });

  it('brings back nothing that is deleted meanwhile (SECURITY 30)', async () => {
    for (let round = 0; round < 5; round++) {
      const { id } = await createConfig(alice);
      const [deleted, ...changed] = await Promise.all([
        alice.client.delete(`/otp/configs/${id}`, { token: alice.token }),
        ...Array.from({ length: 6 }, (_, at) => change(id, { name: 'Late', is_active: at % 2 === 0 })),
      ]);
      expect(deleted.status).toBe(200);
      expect(changed.filter(({ status }) => ![200, 404, 503].includes(status))).toEqual([]);
      expect(await userItems(table, alice).config(id)).toBeUndefined();
    }
    const active = (await alice.client.get('/otp/configs?is_active=true', { token: alice.token })).body.length;
    expect(await userItems(table, alice).meter()).toMatchObject({ active });
  });

  it('is one event that names the fields', async () => {
    const { id } = await createConfig(alice);
    await change(id, { name: 'New', is_active: false });
    const [event] = (await userItems(table, alice).events('config_update')).slice(-1);
    expect(event).toMatchObject({
      resource: 'otp_config',
      resource_id: String(id),
      status: 'success',
      details: { fields: ['name', 'is_active'] },
    });
  });
});

describe('PATCH /otp/configs/{config_id} with the limits of the policy', () => {
  it('shares sixty a minute with DELETE', async () => {
    const limited = openRawTable(inject('standard'));
    const user = await seedUser(connect(inject('standard')));
    expect(await change(1, {}, user)).toMatchObject({
      status: 404,
      headers: { 'ratelimit-policy': '"config_change";q=60;w=60', ratelimit: '"config_change";r=59;t=60' },
    });
    await userItems(limited, user).setMeter('limit_config_change_used', 59);
    const last = await user.client.delete('/otp/configs/1', { token: user.token });
    expect(last).toMatchObject({ status: 404, headers: { ratelimit: expect.stringMatching(/r=0/) } });
    expect(await change(1, {}, user)).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
  });
});
