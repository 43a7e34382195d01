import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { codeOfCounter, wrongCode } from '../../infra/testing/authenticator.ts';
import { comparableAnswer } from '../../infra/testing/comparable-answer.ts';
import { type Access, createConfig, createKey, generate, tally, validate } from '../../infra/testing/otp-user.ts';
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

function unlock(id: number | string, { client, token }: Access = alice) {
  return client.post(`/otp/configs/${id}/unlock`, undefined, { token });
}

/** A configuration after so many wrong guesses, the last one now. */
async function guessedAt(failures: number) {
  const config = await createConfig(alice, { otp_type: 'hotp' });
  const items = userItems(table, alice);
  await items.setConfig(config.id, 'failures', failures);
  await items.setConfig(config.id, 'last_failure_at', Date.now());
  return config;
}

describe('POST /otp/configs/{config_id}/unlock', () => {
  it.each([11, 100])('ends the lock of %i wrong guesses at once, and answers the configuration', async (failures) => {
    const { id, entry, created } = await guessedAt(failures);
    const code = codeOfCounter(entry, 0);
    expect((await validate(alice, id, code)).body.result).toBe('locked');
    const locked = await alice.client.get(`/otp/configs/${id}`, { token: alice.token });
    expect(locked.body.locked_until).toMatch(failures === 100 ? /^9999-12-31T23:59:59Z$/ : /^20/);
    expect(await generate(alice, id)).toMatchObject({ status: 409, body: { code: 'config_locked' } });

    const { status, headers, body } = await unlock(id);
    expect(status).toBe(200);
    expect(headers['ratelimit-policy']).toMatch(/^"reveal";q=/);
    const { secret: _s, otpauth_uri: _u, qr_svg: _q, ...config } = created;
    expect(body).toEqual({ ...config, updated_at: expect.any(String) });
    expect((await alice.client.get(`/otp/configs/${id}`, { token: alice.token })).body).toEqual(body);
    expect((await validate(alice, id, code)).body.result).toBe('valid');
  });

  it('begins a new run of guesses, and opens no code that was spent (SECURITY 5)', async () => {
    const { id, entry } = await createConfig(alice, { otp_type: 'hotp' });
    await validate(alice, id, codeOfCounter(entry, 0));
    for (let guess = 0; guess < 10; guess++) await validate(alice, id, wrongCode(entry, [0]));
    await unlock(id);
    expect(await userItems(table, alice).config(id)).toMatchObject({ failures: 0, counter: 1 });
    const results = [];
    for (let guess = 0; guess < 11; guess++) {
      results.push((await validate(alice, id, codeOfCounter(entry, 0))).body.result);
    }
    expect(results).toEqual([...Array.from({ length: 10 }, () => 'invalid'), 'locked']);
  });

  it('is harmless where nothing is locked', async () => {
    const { id } = await createConfig(alice);
    expect(await unlock(id)).toMatchObject({ status: 200, body: { locked_until: null } });
  });

  it('needs a log-in or step-up of the last five minutes (SECURITY 17)', async () => {
    const { id } = await guessedAt(100);
    const late = { client: product.newClient(), token: alice.token };
    await late.client.moveClock(301_000);
    expect(await unlock(id, late)).toMatchObject({ status: 403, body: { code: 'fresh_session_required' } });
    const key = await createKey(alice, product.newClient());
    expect(await unlock(id, key)).toMatchObject({ status: 403, body: { code: 'user_token_required' } });
    expect(await userItems(table, alice).config(id)).toMatchObject({ failures: 100 });
  });

  it("answers another user's configuration as one that is not there, and leaves it locked (SECURITY 23)", async () => {
    const { id } = await guessedAt(100);
    const [foreign, absent] = [await unlock(id, mallory), await unlock(999_999_999, mallory)];
    expect(foreign).toMatchObject({ status: 404, body: { code: 'config_not_found' } });
    expect(comparableAnswer(foreign)).toEqual(comparableAnswer(absent));
    expect(await userItems(table, alice).config(id)).toMatchObject({ failures: 100 });
    expect(await unlock('0')).toMatchObject({ status: 422, body: { errors: [{ path: 'params.config_id' }] } });
  });

  it('amid wrong guesses at once lets through a run of ten and no more (SECURITY 10)', async () => {
    const { id, entry } = await guessedAt(100);
    const guess = () => validate(alice, id, wrongCode(entry, [0]));
    const [unlocked, ...answers] = await Promise.all([unlock(id), ...Array.from({ length: 40 }, guess)]);
    expect(unlocked.status).toBe(200);
    const { failures } = (await userItems(table, alice).config(id)) ?? {};
    const { invalid = 0, locked = 0, try_again = 0 } = tally(answers, 'result');
    // Each guess that was looked at counted, whether before the unlocking or after it.
    expect(invalid).toBe(failures);
    expect(invalid + locked + try_again).toBe(40);
    // Where the first wait of a second ended meanwhile, one more.
    expect(invalid).toBeLessThanOrEqual(13);
  });

  it('brings back nothing that is deleted meanwhile (SECURITY 30)', async () => {
    for (let round = 0; round < 5; round++) {
      const { id } = await guessedAt(100);
      const [deleted, ...unlocked] = await Promise.all([
        alice.client.delete(`/otp/configs/${id}`, { token: alice.token }),
        ...Array.from({ length: 4 }, () => unlock(id)),
      ]);
      expect(deleted.status).toBe(200);
      expect(unlocked.filter(({ status }) => ![200, 404, 503].includes(status))).toEqual([]);
      expect(await userItems(table, alice).config(id)).toBeUndefined();
    }
  });

  it('is one event that says how many guesses there were', async () => {
    const { id } = await guessedAt(42);
    const headers = { 'idempotency-key': `unlock-${id}` };
    const send = () => alice.client.post(`/otp/configs/${id}/unlock`, undefined, { token: alice.token, headers });
    const answers = [await send(), await send()];
    expect(answers.map(({ headers: { 'idempotent-replayed': replayed } }) => replayed)).toEqual([undefined, 'true']);
    const events = (await userItems(table, alice).events('config_unlock')).filter(
      ({ resource_id }) => resource_id === String(id),
    );
    expect(events.map(({ status, details }) => [status, details])).toEqual([['success', { failures: 42 }]]);
  });
});
