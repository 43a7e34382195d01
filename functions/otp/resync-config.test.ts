import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type RequestOptions, type TestUser } from '../../infra/local/testing.ts';
import { codeAtInstant, codeOfCounter, wrongCode } from '../../infra/testing/authenticator.ts';
import { comparableAnswer } from '../../infra/testing/comparable-answer.ts';
import {
  type Access,
  createConfig,
  createKey,
  generate,
  type SharedConfig,
  setClock,
  stepAhead,
  tally,
  validate,
} from '../../infra/testing/otp-user.ts';
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

function resync(id: number | string, codes: unknown, { client, token }: Access = alice, options: RequestOptions = {}) {
  return client.post(`/otp/configs/${id}/resync`, codes, { token, ...options });
}

const stored = ({ id }: SharedConfig) => userItems(table, alice).config(id);
const message = 'The configuration follows the device again.';

describe('POST /otp/configs/{config_id}/resync of HOTP (RFC 4226 §7.4)', () => {
  const hotp = (counter = 10) => createConfig(alice, { otp_type: 'hotp', counter });
  const at = ({ entry }: SharedConfig, first: number, second = first + 1) => ({
    code1: codeOfCounter(entry, first),
    code2: codeOfCounter(entry, second),
  });

  it('moves past the second of two consecutive codes, which is consumed', async () => {
    const config = await hotp();
    const { status, headers, body } = await resync(config.id, at(config, 60));
    expect([status, body]).toEqual([200, { message, counter: 62 }]);
    expect(headers['ratelimit-policy']).toMatch(/^"resync";q=/);
    expect((await validate(alice, config.id, codeOfCounter(config.entry, 61))).body.result).toBe('invalid');
    expect((await validate(alice, config.id, codeOfCounter(config.entry, 62))).body.result).toBe('valid');
  });

  it.each([
    ['the counter itself', 10, 11, 200],
    ['the last of the next hundred', 109, 110, 200],
    ['one beyond', 110, 111, 409],
    ['one behind: it never moves backwards', 9, 10, 409],
    ['two that are not consecutive', 20, 22, 409],
    ['two in the wrong order', 21, 20, 409],
    ['one code twice', 20, 20, 409],
  ])('takes of counter 10 %s: %i and %i → %i', async (_, first, second, status) => {
    const config = await hotp();
    const answer = await resync(config.id, at(config, first, second));
    expect(answer.status).toBe(status);
    if (status === 409) expect(answer.body.code).toBe('codes_do_not_match');
    const [counter, failures] = status === 200 ? [second + 1, 0] : [10, 1];
    expect(await stored(config)).toMatchObject({ counter, failures });
  });

  it('of twenty with the same codes takes one', async () => {
    const config = await hotp();
    const answers = await Promise.all(Array.from({ length: 20 }, () => resync(config.id, at(config, 60))));
    // The others come too late, and are guesses: from the tenth on they have to wait.
    const { 62: taken, ...others } = tally(answers, 'counter');
    expect(taken).toBe(1);
    const late = ['codes_do_not_match', 'config_locked', 'try_again'];
    expect(Object.keys(others).filter((outcome) => !late.includes(outcome))).toEqual([]);
    expect(await stored(config)).toMatchObject({ counter: 62 });
  });

  it('and a validation never both take the second code (SECURITY 1)', async () => {
    for (let round = 0; round < 5; round++) {
      const config = await createConfig(alice, { otp_type: 'hotp', look_ahead: 20 });
      const [synced, validated] = await Promise.all([
        resync(config.id, at(config, 10)),
        validate(alice, config.id, codeOfCounter(config.entry, 11)),
      ]);
      expect([synced.status === 200, validated.body.is_valid].filter(Boolean)).toHaveLength(1);
      expect(await stored(config)).toMatchObject({ counter: 12 });
    }
  });
});

describe('POST /otp/configs/{config_id}/resync of TOTP', () => {
  /** Alice at an instant, and a device whose clock is so many steps off. */
  async function device() {
    const config = await createConfig(alice);
    const now = stepAhead();
    const access = { client: product.newClient(), token: alice.token };
    await setClock(access.client, now);
    const shows = (steps: number) => codeAtInstant(config.entry, now + steps * 30_000);
    const tryCode = async (steps: number) => (await validate(access, config.id, shows(steps))).body.result;
    const resyncAt = (first: number, second = first + 1) =>
      resync(config.id, { code1: shows(first), code2: shows(second) }, access);
    return { config, access, tryCode, resyncAt, step: Math.floor(now / 30_000) };
  }

  it.each([
    [14, 15],
    [-16, -15],
  ])('remembers a device whose codes are %i and %i steps off, and looks around both times', async (first, drift) => {
    const { config, tryCode, resyncAt, step } = await device();
    expect(await tryCode(drift + 1)).toBe('invalid');
    const { status, body } = await resyncAt(first);
    expect([status, body]).toEqual([200, { message, drift_steps: drift }]);
    expect(await stored(config)).toMatchObject({ drift, last_step: step + drift, failures: 0 });
    // Both codes are spent, the next one of the device is good.
    expect(await tryCode(first)).toBe('replayed');
    expect(await tryCode(drift)).toBe('replayed');
    expect(await tryCode(drift + 2)).toBe('invalid');
    expect(await tryCode(drift + 1)).toBe('valid');
    // The server's own time is behind what the device that is ahead has spent, and beyond what the one behind has.
    expect(await tryCode(0)).toBe(drift > 0 ? 'replayed' : 'valid');
  });

  it.each([
    [19, 200],
    [20, 409],
    [-20, 200],
    [-21, 409],
  ])('looks no further than twenty steps: %i and the next → %i', async (first, status) => {
    const { resyncAt } = await device();
    expect((await resyncAt(first)).status).toBe(status);
  });

  it('takes no code at or below a consumed step (SECURITY 2)', async () => {
    const { tryCode, resyncAt, config, step } = await device();
    expect(await tryCode(0)).toBe('valid');
    expect((await resyncAt(-1)).body.code).toBe('codes_do_not_match');
    expect((await resyncAt(0)).body.code).toBe('codes_do_not_match');
    expect((await resyncAt(1)).body.drift_steps).toBe(2);
    expect(await stored(config)).toMatchObject({ last_step: step + 2 });
  });

  it('keeps the drift as time goes on', async () => {
    const config = await createConfig(alice);
    const key = await createKey(alice, product.newClient());
    const now = stepAhead();
    const shows = (steps: number) => codeAtInstant(config.entry, now + steps * 30_000);
    const access = { client: product.newClient(), token: alice.token };
    await setClock(access.client, now);
    expect((await resync(config.id, { code1: shows(9), code2: shows(10) }, access)).body.drift_steps).toBe(10);
    // A day later, by a key: the device is still ten steps ahead.
    await setClock(key.client, now + 2880 * 30_000);
    expect((await validate(key, config.id, shows(2880 + 12))).body.result).toBe('invalid');
    expect((await validate(key, config.id, shows(2880))).body.result).toBe('valid');
    expect((await validate(key, config.id, shows(2880 + 10))).body.result).toBe('valid');
  });
});

describe('POST /otp/configs/{config_id}/resync', () => {
  const wrongFor = (config: SharedConfig) => {
    const code = wrongCode(config.entry, [0, 100]);
    return { code1: code, code2: code };
  };

  it('counts a wrong try as a guess, with those of validations: the tenth makes one wait (SECURITY 14)', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const right = { code1: codeOfCounter(config.entry, 0), code2: codeOfCounter(config.entry, 1) };
    for (let guess = 0; guess < 5; guess++) {
      expect((await resync(config.id, wrongFor(config))).body.code).toBe('codes_do_not_match');
      await validate(alice, config.id, wrongFor(config).code1);
    }
    expect(await stored(config)).toMatchObject({ failures: 10, counter: 0 });
    const locked = await resync(config.id, right);
    expect(locked).toMatchObject({ status: 409, body: { code: 'config_locked' }, headers: { 'retry-after': '1' } });
    const client = product.newClient();
    await client.moveClock(3000);
    expect((await resync(config.id, right, { client, token: alice.token })).status).toBe(200);
    expect(await stored(config)).toMatchObject({ failures: 0, counter: 2 });
  });

  it('is locked for good after a hundred guesses, and the hundredth rings the alarm (SECURITY 9)', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const items = userItems(table, alice);
    await items.setConfig(config.id, 'failures', 99);
    await items.setConfig(config.id, 'last_failure_at', 0);
    const hundredth = await resync(config.id, wrongFor(config));
    expect(hundredth.body.code).toBe('codes_do_not_match');
    const alarm = await product.logs({ request_id: hundredth.requestId });
    expect(alarm.some(({ text }) => text.includes('GUESS_LOCKED'))).toBe(true);
    const client = product.newClient();
    await client.moveClock(1_700_000);
    const locked = await resync(config.id, wrongFor(config), { client, token: alice.token });
    expect(locked.body.code).toBe('config_locked');
    expect(locked.headers).not.toHaveProperty('retry-after');
    expect(await stored(config)).toMatchObject({ failures: 100 });
  });

  it('refuses an inactive configuration, which counts nothing', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    await alice.client.patch(`/otp/configs/${config.id}`, { is_active: false }, { token: alice.token });
    const answer = await resync(config.id, wrongFor(config));
    expect(answer).toMatchObject({ status: 409, body: { code: 'config_inactive' } });
    expect(await stored(config)).toMatchObject({ failures: 0 });
  });

  it("answers another user's configuration as one that is not there, and counts nothing (SECURITY 23)", async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const codes = wrongFor(config);
    const [foreign, absent] = [await resync(config.id, codes, mallory), await resync(999_999_999, codes, mallory)];
    expect(foreign).toMatchObject({ status: 404, body: { code: 'config_not_found' } });
    expect(comparableAnswer(foreign)).toEqual(comparableAnswer(absent));
    expect(await stored(config)).toMatchObject({ failures: 0 });
  });

  it('is not for API keys', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const key = await createKey(alice, product.newClient());
    const answer = await resync(config.id, wrongFor(config), key);
    expect(answer).toMatchObject({ status: 403, body: { code: 'user_token_required' } });
  });

  it.each([
    ['nothing', {}, ['code1', 'code2']],
    ['one code', { code1: '000000' }, ['code2']],
    ['numbers', { code1: 123456, code2: 123457 }, ['code1', 'code2']],
    ['five digits', { code1: '00000', code2: '000000' }, ['code1']],
    ['other digits', { code1: '０００１５２', code2: '000000' }, ['code1']],
    ['a counter (SECURITY 4)', { code1: '000000', code2: '000001', counter: 5 }, ['counter']],
    ['text', 'codes', ['body']],
  ])('refuses %s by its shape alone (SECURITY 3)', async (_, codes, paths) => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const sent = typeof codes === 'string' ? JSON.stringify(codes) : codes;
    const answer = await resync(config.id, sent, alice, { headers: { 'content-type': 'application/json' } });
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toEqual(paths);
    expect(await stored(config)).toMatchObject({ failures: 0 });
  });

  it('is one event, also when it fails, without the codes (SECURITY 28)', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp', digits: 8 });
    await resync(config.id, wrongFor(config));
    await resync(config.id, { code1: codeOfCounter(config.entry, 5), code2: codeOfCounter(config.entry, 6) });
    const events = (await userItems(table, alice).events('config_resync')).filter(
      ({ resource_id }) => resource_id === String(config.id),
    );
    expect(events.map(({ status, details }) => [status, details])).toEqual([
      ['failure', { reason: 'codes_do_not_match' }],
      ['success', {}],
    ]);
    const written = (await userItems(table, alice).text()) + JSON.stringify(await product.logs());
    expect(written).not.toContain(codeOfCounter(config.entry, 6));
  });

  it('answers a lost try again by its Idempotency-Key, and moves once', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const codes = { code1: codeOfCounter(config.entry, 0), code2: codeOfCounter(config.entry, 1) };
    const headers = { 'idempotency-key': `resync-${config.id}` };
    const first = await resync(config.id, codes, alice, { headers });
    await generate(alice, config.id, { counter_increment: true });
    const again = await resync(config.id, codes, alice, { headers });
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(await stored(config)).toMatchObject({ counter: 3 });
  });

  it('consumes nothing while the table cannot write (SECURITY 30)', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const codes = { code1: codeOfCounter(config.entry, 0), code2: codeOfCounter(config.entry, 1) };
    const access = { client: product.newClient(), token: alice.token };
    const fault = { service: 'dynamodb', operation: 'TransactWriteItems', source_ip: access.client.sourceIp } as const;
    const broken = await product.fault({ ...fault, kind: 'error', code: 'ThrottlingException', times: 'forever' });
    expect(await resync(config.id, codes, access)).toMatchObject({ status: 503, body: { code: 'try_again' } });
    await broken.clear();
    expect(await stored(config)).toMatchObject({ counter: 0, failures: 0 });
    await product.fault({ ...fault, kind: 'lost_response' });
    expect((await resync(config.id, codes, access)).body.counter).toBe(2);
  });
});

describe('POST /otp/configs/{config_id}/resync with the limits of the policy', () => {
  it('lets three an hour through', async () => {
    const user = await seedUser(connect(inject('standard')));
    const codes = { code1: '000000', code2: '000001' };
    const answers = [];
    for (let time = 0; time < 5; time++) answers.push(await resync(1, codes, user));
    expect(tally(answers, 'code')).toEqual({ config_not_found: 3, rate_limited: 2 });
    for (const { headers } of answers) expect(headers['ratelimit-policy']).toBe('"resync";q=3;w=3600');
  });
});
