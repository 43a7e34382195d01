import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Client, connect, type TestUser } from '../../infra/local/testing.ts';
import { codeAtInstant, codeOfCounter, wrongCode } from '../../infra/testing/authenticator.ts';
import {
  type Access,
  createConfig,
  createKey,
  type SharedConfig,
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

const configKey = (id: number) => [`CONFIG#${alice.user.id}`, String(id).padStart(10, '0')] as const;

async function stored({ id }: { id: number }): Promise<RawItem> {
  return (await table.get(...configKey(id))) ?? {};
}

/** Alice from an address of her own, at an instant of her own. */
async function aliceAt(ms: number): Promise<Access & { client: Client }> {
  const client = product.newClient();
  await setClock(client, ms);
  return { client, token: alice.token };
}

describe('POST /otp/validate', () => {
  it('accepts the code of the present step, and says so', async () => {
    const config = await createConfig(alice);
    const at = stepAhead();
    const answer = await validate(await aliceAt(at), config.id, codeAtInstant(config.entry, at));
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(answer.body).toEqual({
      is_valid: true,
      config_id: config.id,
      message: 'The code is valid.',
      result: 'valid',
    });
    expect(await stored(config)).toMatchObject({ last_step: Math.floor(at / 30_000), failures: 0 });
  });

  it('accepts it once: the same code again is replayed (SECURITY 1)', async () => {
    const config = await createConfig(alice);
    const at = stepAhead();
    const access = await aliceAt(at);
    const results = [];
    for (let time = 0; time < 3; time++)
      results.push(await validate(access, config.id, codeAtInstant(config.entry, at)));
    expect(results.map(({ body }) => [body.is_valid, body.result])).toEqual([
      [true, 'valid'],
      [false, 'replayed'],
      [false, 'replayed'],
    ]);
  });

  it('never accepts a step at or below a consumed one (SECURITY 2)', async () => {
    const config = await createConfig(alice);
    const at = stepAhead();
    // An API key: a token would not be accepted before the instant of its issue.
    const access = await createKey(alice, product.newClient());
    await setClock(access.client, at);
    const ask = async (steps: number) =>
      (await validate(access, config.id, codeAtInstant(config.entry, at + steps * 30_000))).body.result;
    expect(await ask(0)).toBe('valid');
    expect(await ask(-1)).toBe('replayed');
    expect(await ask(1)).toBe('valid');
    expect(await ask(0)).toBe('replayed');
    // The clock steps back by a step: nothing is open again (SECURITY 33).
    await setClock(access.client, at - 30_000);
    expect(await ask(-1)).toBe('replayed');
    expect(await ask(0)).toBe('replayed');
  });

  it.each([0, 1, 2])('takes exactly the steps of a window of %i', async (window) => {
    const at = stepAhead();
    const access = await aliceAt(at);
    const steps = [-3, -2, -1, 0, 1, 2, 3];
    const taken = await Promise.all(
      steps.map(async (distance) => {
        const config = await createConfig(alice, { window });
        return (await validate(access, config.id, codeAtInstant(config.entry, at + distance * 30_000))).body.result;
      }),
    );
    expect(taken).toEqual(steps.map((distance) => (Math.abs(distance) <= window ? 'valid' : 'invalid')));
  });

  it('moves a HOTP counter past the code that matched, and never looks behind it (SECURITY 5)', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp', counter: 10, look_ahead: 3 });
    const ask = async (counter: number, more?: object) =>
      (await validate(alice, config.id, codeOfCounter(config.entry, counter), more)).body.result;
    expect(await ask(9)).toBe('invalid');
    expect(await ask(14)).toBe('invalid');
    expect(await ask(13)).toBe('valid');
    expect(await stored(config)).toMatchObject({ counter: 14, failures: 0 });
    expect(await ask(13)).toBe('invalid');
    expect(await ask(12)).toBe('invalid');
    expect(await ask(14)).toBe('valid');
  });

  it('lets a sent counter only narrow the range (SECURITY 4)', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp', counter: 10, look_ahead: 3 });
    const ask = async (counter: number, sent: number) =>
      (await validate(alice, config.id, codeOfCounter(config.entry, counter), { counter: sent })).body.result;
    expect(await ask(5, 5)).toBe('invalid');
    expect(await ask(14, 14)).toBe('invalid');
    expect(await ask(12, 11)).toBe('invalid');
    expect(await stored(config)).toMatchObject({ counter: 10 });
    expect(await ask(12, 12)).toBe('valid');
    expect(await stored(config)).toMatchObject({ counter: 13 });
  });

  it.each([2 ** 31, 2 ** 32, 2 ** 40 + 7, 2 ** 53 - 2])('counts beyond 32 bit: %i', async (counter) => {
    const config = await createConfig(alice, { otp_type: 'hotp', counter, look_ahead: 0 });
    const answer = await validate(alice, config.id, codeOfCounter(config.entry, counter));
    expect(answer.body.result).toBe('valid');
    expect(await stored(config)).toMatchObject({ counter: counter + 1 });
  });

  it('accepts the last counter of all, 2^53 − 1, and then nothing more', async () => {
    const last = 2 ** 53 - 1;
    const config = await createConfig(alice, { otp_type: 'hotp', counter: last });
    expect((await validate(alice, config.id, codeOfCounter(config.entry, last))).body.result).toBe('valid');
    expect((await validate(alice, config.id, codeOfCounter(config.entry, last))).body.result).toBe('invalid');
    expect((await validate(alice, config.id, codeOfCounter(config.entry, 2n ** 53n))).body.result).toBe('invalid');
    const read = await alice.client.get(`/otp/configs/${config.id}`, { token: alice.token });
    expect(read).toMatchObject({ status: 200, body: { counter: last } });
  });

  it.each([7, 8])('a code of another length than the %i of the configuration is a wrong one', async (digits) => {
    const config = await createConfig(alice, { otp_type: 'hotp', digits });
    const code = codeOfCounter(config.entry, 0);
    expect((await validate(alice, config.id, code.slice(-6))).body.result).toBe('invalid');
    expect(await stored(config)).toMatchObject({ failures: 1 });
    expect((await validate(alice, config.id, code)).body.result).toBe('valid');
  });

  // VECTORS §1: the code of counter 44 begins with zeros; nothing else may stand for it.
  it.each([
    '152',
    '00152',
    '+00152',
    ' 000152',
    '000152 ',
    '000152\n',
    '０００１５２',
    '٠٠٠١٥٢',
    '0001_52',
    '000 152',
    '0x0098',
    '-00152',
    '152.00',
    '000152000',
    '',
    152,
    152.0,
    null,
    true,
    ['000152'],
    { code: '000152' },
  ])('refuses %j by its shape alone, and counts nothing (SECURITY 3)', async (code) => {
    const { id } = await leadingZeros();
    const answer = await validate(alice, id, code);
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_request', errors: [{ path: 'otp_code' }] } });
    expect(await stored({ id })).toMatchObject({ counter: 44, failures: 0 });
  });

  it('keeps leading zeros', async () => {
    const secret = Buffer.from('12345678901234567890');
    for (const [counter, code] of [
      [36, '003784'],
      [44, '000152'],
      [62, '005080'],
    ] as const) {
      const config = await createConfig(alice, { otp_type: 'hotp', counter, look_ahead: 0 }, secret);
      expect((await validate(alice, config.id, code)).body.result).toBe('valid');
    }
  });

  let zeros: Promise<SharedConfig> | undefined;
  function leadingZeros() {
    zeros ??= createConfig(alice, { otp_type: 'hotp', counter: 44 }, Buffer.from('12345678901234567890'));
    return zeros;
  }

  it('calls an inactive configuration inactive, and neither consumes nor counts', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    await alice.client.patch(`/otp/configs/${config.id}`, { is_active: false }, { token: alice.token });
    const code = codeOfCounter(config.entry, 0);
    expect((await validate(alice, config.id, code)).body).toMatchObject({ is_valid: false, result: 'inactive' });
    expect(await stored(config)).toMatchObject({ counter: 0, failures: 0 });
    await alice.client.patch(`/otp/configs/${config.id}`, { is_active: true }, { token: alice.token });
    expect((await validate(alice, config.id, code)).body.result).toBe('valid');
  });

  it("answers another user's configuration as one that is not there (SECURITY 23)", async () => {
    const mallory = await seedUser(product);
    const config = await createConfig(alice);
    const code = codeAtInstant(config.entry, Date.now());
    const foreign = await validate(mallory, config.id, code);
    const absent = await validate(mallory, 999_999_999, code);
    expect(foreign).toMatchObject({ status: 404, body: { code: 'config_not_found' } });
    const comparable = ({ text, requestId, headers }: typeof foreign) => ({
      text: text.replace(requestId, ''),
      names: Object.keys(headers).sort(),
    });
    expect(comparable(foreign)).toEqual(comparable(absent));
    expect(await stored(config)).toMatchObject({ failures: 0 });
  });

  it('takes two round trips to DynamoDB and none to KMS when it is warm', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    for (let counter = 0; counter < 4; counter++)
      await validate(alice, config.id, codeOfCounter(config.entry, counter));
    const answers = await Promise.all([
      validate(alice, config.id, codeOfCounter(config.entry, 4)),
      validate(alice, config.id, wrongCode(config.entry, [4])),
    ]);
    const calls = await product.calls((await validate(alice, config.id, codeOfCounter(config.entry, 5))).requestId);
    expect(tally(answers, 'result')).toEqual({ valid: 1, invalid: 1 });
    expect(calls.calls.map(({ operation }) => operation)).toEqual(['BatchGetItem', 'TransactWriteItems']);
    expect(calls.kms).toBe(0);
  });

  it('records each answer as one event without the code, and counts it (SECURITY 28)', async () => {
    const bob = await seedUser(product);
    const config = await createConfig(bob, { otp_type: 'hotp' });
    const codes = [codeOfCounter(config.entry, 0), wrongCode(config.entry, [0]), codeOfCounter(config.entry, 2)];
    for (const code of codes) await validate(bob, config.id, code);
    const events = (await table.all(`EVENT#${bob.user.id}`)).filter(({ action }) => action === 'otp_validate');
    expect(events.map(({ status, resource_id, details }) => ({ status, resource_id, details }))).toEqual([
      { status: 'success', resource_id: String(config.id), details: { result: 'valid' } },
      { status: 'failure', resource_id: String(config.id), details: { result: 'invalid' } },
      { status: 'success', resource_id: String(config.id), details: { result: 'valid' } },
    ]);
    const written = JSON.stringify([events, await product.logs({ function: 'otp/validate-code' })]);
    for (const code of codes) expect(written).not.toContain(`"${code}"`);
    expect(await table.get(`METER#${bob.user.id}`, 'METER')).toMatchObject({ validations: 3, successes: 2 });
    const stats = await bob.client.get('/otp/stats', { token: bob.token });
    expect(stats.body).toMatchObject({ total_validations: 3, successful_validations: 2 });
  });
});

describe('POST /otp/validate: guessing (SPEC §5.3)', () => {
  it('waits longer from the tenth wrong guess on, and at the hundredth until it is unlocked (SECURITY 9)', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    // A session would have ended in the day that a hundred guesses take.
    const key = await createKey(alice, product.newClient());
    const wrong = wrongCode(config.entry, [0]);
    let clock = Date.now();
    for (let failures = 1; failures <= 100; failures++) {
      await setClock(key.client, clock);
      expect((await validate(key, config.id, wrong)).body).toMatchObject({ result: 'invalid' });
      const waitSeconds = failures < 10 ? 0 : Math.min(2 ** (failures - 10), 900);
      if (waitSeconds === 0 || failures === 100) continue;
      // The right code, a moment too early: it is not looked at, and stays good.
      if ([10, 15, 20, 99].includes(failures)) {
        await setClock(key.client, clock + waitSeconds * 1000 - 900);
        const early = await validate(key, config.id, codeOfCounter(config.entry, 0));
        expect(early.body).toMatchObject({ is_valid: false, result: 'locked', retry_after_seconds: 1 });
      }
      clock += waitSeconds * 1000 + 500;
    }
    for (const later of [0, 900_000, 365 * 86_400_000]) {
      await setClock(key.client, clock + later);
      const locked = await validate(key, config.id, codeOfCounter(config.entry, 0));
      expect(locked.body).toEqual({
        is_valid: false,
        config_id: config.id,
        message: expect.any(String),
        result: 'locked',
      });
    }
    expect(await stored(config)).toMatchObject({ failures: 100, counter: 0 });
    const [alarm] = (await product.logs({ function: 'otp/validate-code' })).filter(({ text }) => /Lockouts/.test(text));
    expect(alarm).toBeDefined();

    const unlocked = await alice.client.post(`/otp/configs/${config.id}/unlock`, undefined, { token: alice.token });
    expect(unlocked).toMatchObject({ status: 200, body: { locked_until: null } });
    expect((await validate(alice, config.id, codeOfCounter(config.entry, 0))).body.result).toBe('valid');
  });

  it('begins anew after a right code', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    for (let failures = 0; failures < 9; failures++) await validate(alice, config.id, wrongCode(config.entry, [0]));
    expect((await validate(alice, config.id, codeOfCounter(config.entry, 0))).body.result).toBe('valid');
    for (let failures = 0; failures < 9; failures++) await validate(alice, config.id, wrongCode(config.entry, [1]));
    expect((await validate(alice, config.id, codeOfCounter(config.entry, 1))).body.result).toBe('valid');
  });

  it('a wrong guess consumes nothing and blocks no right code (SECURITY 6)', async () => {
    const config = await createConfig(alice);
    const at = stepAhead();
    const access = await aliceAt(at);
    const step = Math.floor(at / 30_000);
    expect((await validate(access, config.id, wrongCode(config.entry, [step]))).body.result).toBe('invalid');
    expect((await validate(access, config.id, codeAtInstant(config.entry, at))).body.result).toBe('valid');
  });

  it('a clock that steps back does not shorten the wait (SECURITY 33)', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const wrong = wrongCode(config.entry, [0]);
    const at = Date.now() + 60_000;
    const access = await aliceAt(at);
    for (let failures = 0; failures < 10; failures++) await validate(access, config.id, wrong);
    await setClock(access.client, at - 60_000);
    expect((await validate(access, config.id, wrong)).body).toMatchObject({ result: 'locked' });
    expect(await stored(config)).toMatchObject({ failures: 10 });
  });

  it('of 200 parallel guesses no more than ten are looked at (SECURITY 10)', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const wrong = wrongCode(config.entry, [0]);
    // The clock of the gateway stands for none of them, so the tenth failure locks for all that come after it.
    const answers = await Promise.all(Array.from({ length: 200 }, () => validate(alice, config.id, wrong)));
    const results = tally(answers, 'result');
    expect(Object.keys(results).every((result) => ['invalid', 'locked', 'try_again'].includes(result))).toBe(true);
    const { failures } = await stored(config);
    expect(results['invalid']).toBe(failures);
    // A guess may pass again when the first wait, a second, is over.
    expect(failures).toBeGreaterThanOrEqual(10);
    expect(failures).toBeLessThanOrEqual(13);
  });
});

describe('POST /otp/validate at the same time', () => {
  async function fiftyIdentical(fault?: Parameters<typeof product.fault>[0]) {
    const at = stepAhead();
    const config = await createConfig(alice);
    const access = await aliceAt(at);
    const code = codeAtInstant(config.entry, at);
    if (fault) await product.fault({ ...fault, source_ip: access.client.sourceIp });
    const answers = await Promise.all(Array.from({ length: 50 }, () => validate(access, config.id, code)));
    return { config, answers };
  }

  it('accepts one of fifty identical codes (SECURITY 1)', async () => {
    const { answers } = await fiftyIdentical();
    expect(tally(answers, 'result')).toEqual({ valid: 1, replayed: 49 });
  });

  it('accepts one of fifty when the first answer of the table is lost', async () => {
    const before = await table.get(`METER#${alice.user.id}`, 'METER');
    const { answers } = await fiftyIdentical({
      service: 'dynamodb',
      operation: 'TransactWriteItems',
      kind: 'lost_response',
    });
    expect(tally(answers, 'result')).toEqual({ valid: 1, replayed: 49 });
    const after = await table.get(`METER#${alice.user.id}`, 'METER');
    expect(Number(after?.['validations']) - Number(before?.['validations'])).toBe(50);
  });

  it.each([1, 3])('accepts one of fifty when transactions conflict %i times', async (times) => {
    const { answers } = await fiftyIdentical({
      service: 'dynamodb',
      operation: 'TransactWriteItems',
      kind: 'error',
      code: 'TransactionConflict',
      times,
    });
    expect(tally(answers, 'result')).toEqual({ valid: 1, replayed: 49 });
  });

  it('accepts one of fifty identical HOTP codes, and moves the counter by one', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp', look_ahead: 20 });
    const code = codeOfCounter(config.entry, 0);
    const answers = await Promise.all(Array.from({ length: 50 }, () => validate(alice, config.id, code)));
    expect(answers.filter(({ body }) => body.is_valid)).toHaveLength(1);
    expect(await stored(config)).toMatchObject({ counter: 1 });
  });

  it('a race with its deletion resurrects nothing (SECURITY 30)', async () => {
    for (let round = 0; round < 5; round++) {
      const config = await createConfig(alice, { otp_type: 'hotp' });
      const path = `/otp/configs/${config.id}`;
      const [deleted, ...answers] = await Promise.all([
        alice.client.delete(path, { token: alice.token }),
        ...Array.from({ length: 8 }, (_, counter) => validate(alice, config.id, codeOfCounter(config.entry, counter))),
        ...Array.from({ length: 8 }, () => validate(alice, config.id, wrongCode(config.entry, [0]))),
      ]);
      expect(deleted.status).toBe(200);
      expect(answers.every(({ status }) => status === 200 || status === 404)).toBe(true);
      expect(await table.get(...configKey(config.id))).toBeUndefined();
      expect(await table.get(`SECRET#${alice.user.id}`, configKey(config.id)[1])).toBeUndefined();
      expect((await validate(alice, config.id, codeOfCounter(config.entry, 9))).status).toBe(404);
    }
  });
});

describe('POST /otp/validate with faults (SECURITY 30)', () => {
  async function prepared() {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const access = await aliceAt(Date.now());
    return { config, access, code: codeOfCounter(config.entry, 0) };
  }

  it.each([
    ['conflicts', { operation: 'TransactWriteItems', kind: 'error', code: 'TransactionConflict' }],
    ['throttles writes', { operation: 'TransactWriteItems', kind: 'error', code: 'ThrottlingException' }],
    ['throttles reads', { operation: 'BatchGetItem', kind: 'error', code: 'ProvisionedThroughputExceededException' }],
    ['fails inside', { operation: 'BatchGetItem', kind: 'error', code: 'InternalServerError' }],
    ['hangs', { kind: 'hang' }],
  ] as const)('answers 503 within 5 s while the table %s, and consumes nothing', async (_, wanted) => {
    const { config, access, code } = await prepared();
    const fault = await product.fault({
      service: 'dynamodb',
      times: 'forever',
      ...wanted,
      source_ip: access.client.sourceIp,
    });
    const startedAt = performance.now();
    const answer = await validate(access, config.id, code);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    await fault.clear();
    expect(answer).toMatchObject({ status: 503, body: { code: 'try_again' } });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(await stored(config)).toMatchObject({ counter: 0, failures: 0 });
    expect((await validate(access, config.id, code)).body.result).toBe('valid');
  });

  it.each([
    ['an answer is lost', { operation: 'TransactWriteItems', kind: 'lost_response' }],
    ['two answers are lost', { operation: 'TransactWriteItems', kind: 'lost_response', times: 2 }],
    ['a batch is answered in part', { kind: 'partial_batch', times: 2 }],
    ['a call hangs', { kind: 'hang' }],
    ['calls take 1.5 s', { kind: 'delay', delay_ms: 1500, times: 'forever' }],
    ['a call fails inside', { kind: 'error', code: 'InternalServerError' }],
  ] as const)('gives the true answer within 5 s when %s, and counts it once', async (_, wanted) => {
    const { config, access, code } = await prepared();
    const before = await table.get(`METER#${alice.user.id}`, 'METER');
    const fault = await product.fault({ service: 'dynamodb', ...wanted, source_ip: access.client.sourceIp });
    const startedAt = performance.now();
    const answer = await validate(access, config.id, code);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    await fault.clear();
    expect(answer.body).toMatchObject({ result: 'valid' });
    expect(await stored(config)).toMatchObject({ counter: 1 });
    const after = await table.get(`METER#${alice.user.id}`, 'METER');
    expect(Number(after?.['validations']) - Number(before?.['validations'])).toBe(1);
  });
});

describe('POST /otp/validate with an Idempotency-Key', () => {
  it('gives the first answer again, and decides nothing twice', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const headers = { 'idempotency-key': `validate-${config.id}` };
    const code = codeOfCounter(config.entry, 0);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => validate(alice, config.id, code, {}, { headers })),
    );
    expect(tally(answers, 'result')).toEqual({ valid: 20 });
    expect(answers.filter((answer) => answer.headers['idempotent-replayed'] === 'true')).toHaveLength(19);
    expect(await stored(config)).toMatchObject({ counter: 1 });

    const other = await validate(alice, config.id, codeOfCounter(config.entry, 1), {}, { headers });
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
    expect(await stored(config)).toMatchObject({ counter: 1 });
    expect((await validate(alice, config.id, code)).body.result).toBe('invalid');
  });

  it.each(['', 'x'.repeat(129), 'a b', 'ä'])('refuses the key %j', async (key) => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const headers = { 'idempotency-key': Buffer.from(key).toString('latin1') };
    const answer = await validate(alice, config.id, codeOfCounter(config.entry, 0), {}, { headers });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'headers.Idempotency-Key' }] } });
  });
});

describe('POST /otp/validate with the limits of the policy', () => {
  it('lets 20 a minute through, says so in each answer, and opens again after the minute', async () => {
    const limited = connect(inject('standard'));
    const user = await seedUser(limited);
    const config = await createConfig(user, { otp_type: 'hotp', look_ahead: 20 });
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => validate(user, config.id, wrongCode(config.entry, [0]))),
    );
    const through = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 429);
    expect([through.length, refused.length]).toEqual([20, 10]);
    for (const { headers } of answers) expect(headers['ratelimit-policy']).toBe('"validate";q=20;w=60');
    for (const { headers } of through) expect(headers['ratelimit']).toMatch(/^"validate";r=\d+;t=(60|5\d)$/);
    for (const { headers, body } of refused) {
      expect(body.code).toBe('rate_limited');
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(headers['ratelimit']).toMatch(/^"validate";r=0;t=\d+$/);
    }
    await setClock(user.client, Date.now() + 61_000);
    const anew = await validate(user, config.id, wrongCode(config.entry, [0]));
    expect(anew).toMatchObject({ status: 200, headers: { ratelimit: '"validate";r=19;t=60' } });
  });
});
