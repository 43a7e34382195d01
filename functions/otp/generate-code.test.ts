import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { codeAtInstant, codeOfCounter, wrongCode } from '../../infra/testing/authenticator.ts';
import {
  createConfig,
  createKey,
  generate,
  setClock,
  stepAhead,
  tally,
  validate,
} from '../../infra/testing/otp-user.ts';
import { openRawTable, type RawItem } from '../../infra/testing/raw-table.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));
const table = openRawTable(inject('generous'));
let alice: TestUser;

beforeAll(async () => {
  alice = await seedUser(product);
});

async function stored({ id }: { id: number }): Promise<RawItem> {
  return (await table.get(`CONFIG#${alice.user.id}`, String(id).padStart(10, '0'))) ?? {};
}

const generations = async () => Number((await table.get(`METER#${alice.user.id}`, 'METER'))?.['generations'] ?? 0);

describe('POST /otp/generate', () => {
  it('answers the code of the present step and how long it lasts', async () => {
    const config = await createConfig(alice, { interval: 60, digits: 8, algorithm: 'sha256' });
    const at = stepAhead(60);
    const client = product.newClient();
    await setClock(client, at);
    const answer = await generate({ client, token: alice.token }, config.id);
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(answer.body).toEqual({
      otp_code: codeAtInstant(config.entry, at, 60),
      config_id: config.id,
      generated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      remaining_seconds: expect.any(Number),
    });
    expect(answer.body.remaining_seconds).toBeGreaterThan(50);
    expect(answer.body.remaining_seconds).toBeLessThanOrEqual(59);
  });

  it('answers the current HOTP code as often as it is asked, and changes nothing', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp', counter: 7 });
    for (let time = 0; time < 2; time++) {
      const { body } = await generate(alice, config.id);
      expect(body).toEqual({
        otp_code: codeOfCounter(config.entry, 7),
        config_id: config.id,
        generated_at: expect.any(String),
        counter: 7,
      });
    }
    expect((await generate(alice, config.id, { counter_increment: false })).body.counter).toBe(7);
    expect(await stored(config)).toMatchObject({ counter: 7 });
  });

  it('hands each code out once with counter_increment, and names the next counter', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp', counter: 2 ** 32 });
    for (const counter of [2 ** 32, 2 ** 32 + 1]) {
      const { body } = await generate(alice, config.id, { counter_increment: true });
      expect(body).toMatchObject({
        otp_code: codeOfCounter(config.entry, counter),
        counter,
        next_counter: counter + 1,
      });
    }
  });

  it('a code that was handed out cannot be accepted any more: its counter is behind', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const { body } = await generate(alice, config.id, { counter_increment: true });
    expect((await validate(alice, config.id, body.otp_code)).body.result).toBe('invalid');
    const current = await generate(alice, config.id);
    expect((await validate(alice, config.id, current.body.otp_code)).body.result).toBe('valid');
  });

  it('hands the last counter out, 2^53 − 1, and then says that there is none', async () => {
    const last = 2 ** 53 - 1;
    const config = await createConfig(alice, { otp_type: 'hotp', counter: last });
    const { body } = await generate(alice, config.id, { counter_increment: true });
    expect(body).toMatchObject({ otp_code: codeOfCounter(config.entry, last), counter: last });
    expect(body).not.toHaveProperty('next_counter');
    for (const more of [{}, { counter_increment: true }]) {
      const none = await generate(alice, config.id, more);
      expect(none).toMatchObject({ status: 409, body: { code: 'counter_exhausted' } });
    }
    const bulk = await alice.client.post('/otp/bulk/generate', [config.id], { token: alice.token });
    expect(bulk.body.results).toEqual([{ config_id: config.id, success: false, error: 'counter_exhausted' }]);
  });

  it('has no counter to increment for TOTP', async () => {
    const config = await createConfig(alice);
    const answer = await generate(alice, config.id, { counter_increment: true });
    expect(answer).toMatchObject({ status: 409, body: { code: 'config_not_hotp' } });
  });

  it('refuses an inactive and a locked configuration, and records the refusals', async () => {
    const inactive = await createConfig(alice, { otp_type: 'hotp' });
    await alice.client.patch(`/otp/configs/${inactive.id}`, { is_active: false }, { token: alice.token });
    expect(await generate(alice, inactive.id)).toMatchObject({ status: 409, body: { code: 'config_inactive' } });

    const locked = await createConfig(alice, { otp_type: 'hotp' });
    for (let guess = 0; guess < 10; guess++) await validate(alice, locked.id, wrongCode(locked.entry, [0]));
    const refused = await generate(alice, locked.id, { counter_increment: true });
    expect(refused).toMatchObject({ status: 409, body: { code: 'config_locked' }, headers: { 'retry-after': '1' } });
    expect(await stored(locked)).toMatchObject({ counter: 0 });

    const events = (await table.all(`EVENT#${alice.user.id}`)).filter(({ resource_id }) =>
      [inactive.id, locked.id].includes(Number(resource_id)),
    );
    const refusals = events.filter(({ action, status }) => action === 'otp_generate' && status === 'failure');
    expect(refusals.map(({ details }) => details)).toEqual([
      { reason: 'config_inactive' },
      { reason: 'config_locked' },
    ]);
  });

  it("answers another user's configuration as one that is not there (SECURITY 23)", async () => {
    const mallory = await seedUser(product);
    const config = await createConfig(alice);
    const [foreign, absent] = [await generate(mallory, config.id), await generate(mallory, 999_999_999)];
    expect(foreign).toMatchObject({ status: 404, body: { code: 'config_not_found' } });
    expect(foreign.text.replace(foreign.requestId, '')).toBe(absent.text.replace(absent.requestId, ''));
  });

  it('takes two round trips to DynamoDB and none to KMS when it is warm', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    for (let time = 0; time < 4; time++) await generate(alice, config.id);
    const { requestId } = await generate(alice, config.id, { counter_increment: true });
    const { calls, kms } = await product.calls(requestId);
    expect(calls.map(({ operation }) => operation)).toEqual(['BatchGetItem', 'TransactWriteItems']);
    expect(kms).toBe(0);
  });

  it('counts each code that it hands out, and records it without the code (SECURITY 28)', async () => {
    const bob = await seedUser(product);
    const config = await createConfig(bob, { otp_type: 'hotp', digits: 8 });
    const first = await generate(bob, config.id, { counter_increment: true });
    const second = await generate(bob, config.id);
    await generate(bob, 999);
    const events = (await table.all(`EVENT#${bob.user.id}`)).filter(({ action }) => action === 'otp_generate');
    expect(events.map(({ status, details }) => [status, details])).toEqual([
      ['success', { increments: true }],
      ['success', { increments: false }],
    ]);
    const written = JSON.stringify([
      events,
      await table.all(`METER#${bob.user.id}`),
      await product.logs({ function: 'otp/generate-code' }),
    ]);
    for (const { body } of [first, second]) expect(written).not.toContain(body.otp_code);
    const stats = await bob.client.get('/otp/stats', { token: bob.token });
    expect(stats.body).toMatchObject({ total_generations: 2, total_validations: 0 });
  });
});

describe('POST /otp/generate at the same time (SECURITY 5)', () => {
  async function manyIncrements(count: number, fault?: Parameters<typeof product.fault>[0]) {
    const config = await createConfig(alice, { otp_type: 'hotp', digits: 8 });
    const access = { client: product.newClient(), token: alice.token };
    if (fault) await product.fault({ ...fault, source_ip: access.client.sourceIp });
    const answers = await Promise.all(
      Array.from({ length: count }, () => generate(access, config.id, { counter_increment: true })),
    );
    return { config, answers };
  }

  function expectEachOnce({ config, answers }: Awaited<ReturnType<typeof manyIncrements>>) {
    expect(tally(answers, 'status')).toEqual({ 200: answers.length });
    const handedOut = answers.map(({ body }) => body).sort((a, b) => a.counter - b.counter);
    expect(handedOut.map(({ counter }) => counter)).toEqual(answers.map((_, counter) => counter));
    expect(handedOut.map(({ otp_code }) => otp_code)).toEqual(answers.map((_, at) => codeOfCounter(config.entry, at)));
  }

  it('forty callers get forty codes', async () => {
    const before = await generations();
    const made = await manyIncrements(40);
    expectEachOnce(made);
    expect(await stored(made.config)).toMatchObject({ counter: 40 });
    expect((await generations()) - before).toBe(40);
  });

  it('a hundred callers get a hundred codes', async () => {
    expectEachOnce(await manyIncrements(100));
  });

  it('forty callers get forty codes when an answer of the table is lost', async () => {
    const before = await generations();
    const fault = { service: 'dynamodb', operation: 'TransactWriteItems', kind: 'lost_response' } as const;
    const made = await manyIncrements(40, fault);
    expectEachOnce(made);
    expect(await stored(made.config)).toMatchObject({ counter: 40 });
    expect((await generations()) - before).toBe(40);
  });

  it.each([1, 3])('forty callers get forty codes when transactions conflict %i times', async (times) => {
    expectEachOnce(
      await manyIncrements(40, {
        service: 'dynamodb',
        operation: 'TransactWriteItems',
        kind: 'error',
        code: 'TransactionConflict',
        times,
      }),
    );
  });

  it('answers 503 within 5 s while transactions conflict for ever, and hands nothing out', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const access = { client: product.newClient(), token: alice.token };
    const fault = await product.fault({
      service: 'dynamodb',
      kind: 'error',
      code: 'TransactionConflict',
      times: 'forever',
      operation: 'TransactWriteItems',
      source_ip: access.client.sourceIp,
    });
    const startedAt = performance.now();
    const answer = await generate(access, config.id, { counter_increment: true });
    expect(performance.now() - startedAt).toBeLessThan(5000);
    await fault.clear();
    expect(answer).toMatchObject({ status: 503, body: { code: 'try_again' }, headers: { 'retry-after': '1' } });
    expect(await stored(config)).toMatchObject({ counter: 0 });
  });

  it('incrementing callers and right guesses never share a counter', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp', look_ahead: 20, digits: 8 });
    const [handedOut, accepted] = await Promise.all([
      Promise.all(Array.from({ length: 15 }, () => generate(alice, config.id, { counter_increment: true }))),
      Promise.all(
        Array.from({ length: 15 }, (_, counter) => validate(alice, config.id, codeOfCounter(config.entry, counter))),
      ),
    ]);
    const out = handedOut.flatMap(({ status, body }) => (status === 200 ? [Number(body.counter)] : []));
    const taken = accepted.flatMap(({ body }, counter) => (body.result === 'valid' ? [counter] : []));
    const all = [...out, ...taken];
    expect(new Set(all).size).toBe(all.length);
    expect(await stored(config)).toMatchObject({ counter: Math.max(...all) + 1 });
  });
});

describe('POST /otp/generate with an Idempotency-Key', () => {
  it('gives one code to a hundred callers with one key, and moves the counter once', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const before = await generations();
    const headers = { 'idempotency-key': `generate-${config.id}` };
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => generate(alice, config.id, { counter_increment: true }, { headers })),
    );
    expect(tally(answers, 'otp_code')).toEqual({ [codeOfCounter(config.entry, 0)]: 100 });
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter((answer) => answer.headers['idempotent-replayed'] === 'true')).toHaveLength(99);
    expect(await stored(config)).toMatchObject({ counter: 1 });
    expect((await generations()) - before).toBe(1);
  });

  it('gives the same code again when the first answer never arrived', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const client = product.newClient();
    const headers = { 'idempotency-key': `lost-${config.id}` };
    const ask = () => generate({ client, token: alice.token }, config.id, { counter_increment: true }, { headers });
    // Lost as often as the SDK asks: the client hears 503 for a code that was handed out.
    await product.fault({
      service: 'dynamodb',
      operation: 'TransactWriteItems',
      kind: 'lost_response',
      times: 3,
      source_ip: client.sourceIp,
    });
    const lost = await ask();
    expect(lost).toMatchObject({ status: 503, body: { code: 'try_again' } });
    expect(await ask()).toMatchObject({
      status: 200,
      body: { otp_code: codeOfCounter(config.entry, 0), counter: 0, next_counter: 1 },
      headers: { 'idempotent-replayed': 'true' },
    });
    expect(await stored(config)).toMatchObject({ counter: 1 });
  });

  it('refuses the key with another body, with another route too', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const headers = { 'idempotency-key': `reused-${config.id}` };
    await generate(alice, config.id, { counter_increment: true }, { headers });
    for (const again of [
      await generate(alice, config.id, {}, { headers }),
      await validate(alice, config.id, '000000', {}, { headers }),
    ]) {
      expect(again).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
    }
    expect(await stored(config)).toMatchObject({ counter: 1, failures: 0 });
  });

  it('is a key of its caller alone', async () => {
    const bob = await seedUser(product);
    const [hers, his] = [
      await createConfig(alice, { otp_type: 'hotp' }),
      await createConfig(bob, { otp_type: 'hotp' }),
    ];
    const headers = { 'idempotency-key': 'the same for both'.replaceAll(' ', '-') };
    const first = await generate(alice, hers.id, { counter_increment: true }, { headers });
    const second = await generate(bob, his.id, { counter_increment: true }, { headers });
    expect([first.body.otp_code, second.body.otp_code]).toEqual([
      codeOfCounter(hers.entry, 0),
      codeOfCounter(his.entry, 0),
    ]);
  });

  it('keeps the answer sealed, and for ten minutes only (SECURITY 27)', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp', digits: 8 });
    const key = await createKey(alice, product.newClient());
    const headers = { 'idempotency-key': `sealed-${config.id}` };
    const ask = () => generate(key, config.id, { counter_increment: true }, { headers });
    const now = Date.now();
    await setClock(key.client, now);
    expect((await ask()).body.counter).toBe(0);
    const kept = (await table.all(`IDEM#${alice.user.id}`)).filter(
      ({ operation }) => operation === 'otp/generate-code',
    );
    const bytes = kept.map(
      ({ sealed, ...rest }) => Buffer.from(sealed as Uint8Array).toString('latin1') + JSON.stringify(rest),
    );
    expect(kept.length).toBeGreaterThan(0);
    expect(bytes.join()).not.toContain(codeOfCounter(config.entry, 0));
    expect(JSON.stringify(kept)).not.toContain(headers['idempotency-key']);
    await setClock(key.client, now + 599_000);
    expect((await ask()).body.counter).toBe(0);
    await setClock(key.client, now + 601_000);
    expect((await ask()).body.counter).toBe(1);
  });
});

describe('POST /otp/generate with the limits of the policy', () => {
  it('lets 30 a minute through; an answer given again costs nothing', async () => {
    const limited = connect(inject('standard'));
    const user = await seedUser(limited);
    const config = await createConfig(user, { otp_type: 'hotp' });
    const headers = { 'idempotency-key': 'once' };
    const answers = await Promise.all(
      Array.from({ length: 45 }, () => generate(user, config.id, { counter_increment: true })),
    );
    expect(tally(answers, 'status')).toEqual({ 200: 30, 429: 15 });
    expect(answers.filter(({ status }) => status === 429).every((answer) => answer.headers['retry-after'])).toBe(true);
    await setClock(user.client, Date.now() + 61_000);
    expect((await generate(user, config.id, { counter_increment: true }, { headers })).body.counter).toBe(30);
    for (let time = 0; time < 35; time++) {
      const again = await generate(user, config.id, { counter_increment: true }, { headers });
      expect(again).toMatchObject({ status: 200, body: { counter: 30 } });
    }
  });
});
