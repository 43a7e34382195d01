import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { atLast, connect, type RequestOptions, type TestUser } from '../../infra/local/testing.ts';
import { codeAtInstant, codeOfCounter } from '../../infra/testing/authenticator.ts';
import { createKey, generate, tally, validate } from '../../infra/testing/otp-user.ts';
import { openRawTable } from '../../infra/testing/raw-table.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';
import { formsOf, userItems } from '../../infra/testing/user-items.ts';
import { decodeBase32, encodeBase32 } from '../../shared/domain/base32.ts';
import { scanQrSvg } from '../../shared/domain/testing/scan-qr-svg.ts';

const product = connect(inject('generous'));
const table = openRawTable(inject('generous'));
const rfcSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
let alice: TestUser;
let bob: TestUser;

beforeAll(async () => {
  [alice, bob] = await Promise.all([seedUser(product), seedUser(product)]);
});

function create(body: unknown, user = alice, options: RequestOptions = {}) {
  return user.client.post('/otp/configs', body, { token: user.token, ...options });
}

/** As a back end does it that is told to try again: with a key, so that no try makes a second one. */
function createAtLast(body: unknown, user = alice) {
  const headers = { 'idempotency-key': randomBytes(12).toString('hex') };
  return atLast(() => create(body, user, { headers }), 20);
}

const totp = (fields: object = {}) => ({ name: 'VPN', otp_type: 'totp', ...fields });
const withSecret = (bytes: number, fields: object = {}) =>
  totp({ secret: encodeBase32(randomBytes(bytes)), ...fields });

function bytesOf(base32: string): Uint8Array {
  const bytes = decodeBase32(base32);
  if (bytes === undefined) throw new Error('The secret of an answer is not base32.');
  return bytes;
}

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

describe('POST /otp/configs', () => {
  it('answers the new TOTP configuration and, this once, its secret in three forms', async () => {
    const { status, headers, body } = await create(totp());
    expect(status).toBe(201);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'ratelimit-policy': expect.stringMatching(/^"config_create";q=/),
    });
    const { secret } = body;
    expect(body).toEqual({
      id: expect.any(Number),
      name: 'VPN',
      otp_type: 'totp',
      algorithm: 'sha1',
      digits: 6,
      interval: 30,
      issuer: '',
      account: '',
      window: 1,
      is_active: true,
      locked_until: null,
      created_at: time,
      updated_at: body.created_at,
      last_used_at: null,
      secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
      // An entry without a name would be blank in the app.
      otpauth_uri: `otpauth://totp/VPN?secret=${secret}&algorithm=SHA1&digits=6&period=30`,
      qr_svg: expect.stringMatching(/^<svg /),
    });
    expect(scanQrSvg(body.qr_svg)).toBe(body.otpauth_uri);
  });

  it('answers all that was chosen of a HOTP configuration', async () => {
    const chosen = {
      name: 'Door',
      otp_type: 'hotp',
      algorithm: 'sha512',
      digits: 8,
      counter: 2 ** 53 - 1,
      look_ahead: 20,
      issuer: 'Acme',
      account: 'alice',
    };
    const { status, body } = await create(chosen);
    expect(status).toBe(201);
    expect(body).toMatchObject(chosen);
    expect(body).not.toHaveProperty('interval');
    expect(body).not.toHaveProperty('window');
    expect(body.otpauth_uri).toBe(
      `otpauth://hotp/Acme:alice?secret=${body.secret}&issuer=Acme&algorithm=SHA512&digits=8&counter=9007199254740991`,
    );
  });

  it.each([
    ['sha1', 20],
    ['sha256', 32],
    ['sha512', 64],
  ])('makes a new secret as long as %s: %i bytes, another one each time', async (algorithm, length) => {
    const made = await Promise.all([1, 2].map(() => create({ name: 'New', otp_type: 'hotp', algorithm })));
    const secrets = made.map(({ body }) => bytesOf(body.secret));
    expect(secrets.map((secret) => secret.length)).toEqual([length, length]);
    expect(made[0]?.body.secret).not.toBe(made[1]?.body.secret);
    for (const [at, secret] of secrets.entries()) {
      const { body } = await generate(alice, made[at]?.body.id);
      expect(body.otp_code).toBe(codeOfCounter({ secret, algorithm }, 0));
    }
  });

  it.each([
    ['lower case', rfcSecret.toLowerCase()],
    ['spaces', 'GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ '],
    ['hyphens', 'gezd-gnbv-gy3t-qojq-gezd-gnbv-gy3t-qojq'],
    ['padding', `${rfcSecret}======`],
  ])('takes an existing secret with %s', async (_, secret) => {
    const { status, body } = await create(totp({ secret }));
    expect([status, body.secret]).toEqual([201, rfcSecret]);
    const shown = await generate(alice, body.id);
    const entry = { secret: Buffer.from('12345678901234567890') };
    const [now, before] = [Date.now(), Date.now() - 30_000].map((ms) => codeAtInstant(entry, ms));
    expect([now, before]).toContain(shown.body.otp_code);
  });

  it.each([
    [9, true, 422],
    [10, true, 201],
    [10, false, 422],
    [15, undefined, 422],
    [16, undefined, 201],
    [128, undefined, 201],
    [129, true, 422],
  ])('of %i bytes with allow_short_secret %s: %i', async (bytes, allow_short_secret, status) => {
    const secret = encodeBase32(randomBytes(bytes));
    for (const body of [
      totp({ secret, allow_short_secret }),
      { otpauth_uri: `otpauth://totp/a?secret=${secret}`, allow_short_secret },
    ]) {
      const answer = await create(body);
      expect(answer.status).toBe(status);
      if (status === 201) {
        expect(answer.body.secret).toBe(secret);
        continue;
      }
      const path = 'otpauth_uri' in body ? 'otpauth_uri' : 'secret';
      expect(answer.body).toMatchObject({ code: 'invalid_request', errors: [{ path }] });
      expect(answer.text).not.toContain(secret);
    }
  });

  it.each([
    '0189018901890189',
    'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQO',
    'ſEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
    '',
    '!'.repeat(32),
  ])('refuses %j, which is no base32 secret', async (secret) => {
    const { status, body } = await create(totp({ secret }));
    expect([status, body.errors.length, body.errors[0].path]).toEqual([422, 1, 'secret']);
  });

  it('writes the golden URI of VECTORS §4, whose QR code scans back to it', async () => {
    const { body } = await create(
      totp({ issuer: 'ACME & Söhne+Co', account: 'john doe+x@example.com', secret: rfcSecret }),
    );
    const golden =
      'otpauth://totp/ACME%20%26%20S%C3%B6hne%2BCo:john%20doe%2Bx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ACME%20%26%20S%C3%B6hne%2BCo&algorithm=SHA1&digits=6&period=30';
    expect(body.otpauth_uri).toBe(golden);
    expect(scanQrSvg(body.qr_svg)).toBe(golden);
    const again = await create({ otpauth_uri: golden }, bob);
    expect(again.body).toMatchObject({
      name: 'ACME & Söhne+Co: john doe+x@example.com',
      issuer: 'ACME & Söhne+Co',
      account: 'john doe+x@example.com',
      secret: rfcSecret,
      otpauth_uri: golden,
    });
  });

  it.each([
    ['the published example', 'totp/Example:alice@google.com?secret=JBSWY3DPEHPK3PXP&issuer=Example', {}],
    [
      'an encoded colon and a space',
      `totp/Big%20Corporation%3A%20alice%40bigco.com?secret=${rfcSecret}`,
      { issuer: 'Big Corporation', account: 'alice@bigco.com', name: 'Big Corporation: alice@bigco.com' },
    ],
    ['a plus, which is no space', `totp/a?secret=${rfcSecret}&issuer=A+B`, { issuer: 'A+B' }],
    ['a bare #', `totp/a#b?secret=${rfcSecret}&digits=8`, { account: 'a#b', digits: 8 }],
    ['other spellings', `TOTP/a?Secret=${rfcSecret.toLowerCase()}&ALGORITHM=HmacSHA256`, { algorithm: 'sha256' }],
    ['seven digits', `totp/a?secret=${rfcSecret}&digits=7&period=60`, { digits: 7, interval: 60 }],
    ['a picture, which nobody fetches', `totp/a?secret=${rfcSecret}&image=https%3A%2F%2F127.0.0.1%3A1%2Fx`, {}],
    ['a counter', `hotp/a?secret=${rfcSecret}&counter=7`, { otp_type: 'hotp', counter: 7, look_ahead: 3 }],
    ['nothing but a secret', `totp/?secret=${rfcSecret}`, { name: 'Imported', issuer: '', account: '' }],
  ])('takes an otpauth URI with %s', async (_, uri, expected) => {
    const { status, body } = await create({ otpauth_uri: `otpauth://${uri}`, allow_short_secret: true });
    expect(status).toBe(201);
    expect(body).toMatchObject(expected);
  });

  it('takes name, window and look_ahead beside a URI, each with its type only', async () => {
    const uri = (type: string) => `otpauth://${type}/a?secret=${rfcSecret}&counter=0`;
    const named = await create({ otpauth_uri: uri('totp'), name: 'Mine', window: 0 });
    expect(named).toMatchObject({ status: 201, body: { name: 'Mine', window: 0 } });
    const other = await create({ otpauth_uri: uri('totp'), look_ahead: 1 });
    expect(other).toMatchObject({ status: 422, body: { errors: [{ path: 'look_ahead' }] } });
    const hotp = await create({ otpauth_uri: uri('hotp'), window: 1 });
    expect(hotp).toMatchObject({ status: 422, body: { errors: [{ path: 'window' }] } });
  });

  it.each([
    ['of steam', `otpauth://steam/a?secret=${rfcSecret}`],
    ['of the web', `https://example.com/a?secret=${rfcSecret}`],
    ['of an export', 'otpauth-migration://offline?data=AAAA'],
    ['without a secret', 'otpauth://totp/a'],
    ['with period=0', `otpauth://totp/a?secret=${rfcSecret}&period=0`],
    ['with period=30abc', `otpauth://totp/a?secret=${rfcSecret}&period=30abc`],
    ['with digits=9', `otpauth://totp/a?secret=${rfcSecret}&digits=9`],
    ['with MD5', `otpauth://totp/a?secret=${rfcSecret}&algorithm=MD5`],
    ['of HOTP without a counter', `otpauth://hotp/a?secret=${rfcSecret}`],
    ['of HOTP with the counter 2^53', `otpauth://hotp/a?secret=${rfcSecret}&counter=9007199254740992`],
    ['with broken percents', `otpauth://totp/a%zz?secret=${rfcSecret}`],
    ['of 2,049 characters', `otpauth://totp/a?secret=${rfcSecret}&x=`.padEnd(2049, 'x')],
    ['that is empty', ''],
  ])('refuses a URI %s at its field, without repeating the secret (SECURITY 28)', async (_, otpauth_uri) => {
    const { status, body, text } = await create({ otpauth_uri });
    expect([status, body.code]).toEqual([422, 'invalid_request']);
    expect(body.errors).toEqual([{ path: 'otpauth_uri', message: expect.any(String) }]);
    expect(text).not.toContain(rfcSecret);
  });

  it.each([
    ['totp', 'counter', 0],
    ['totp', 'look_ahead', 3],
    ['hotp', 'interval', 30],
    ['hotp', 'window', 1],
  ])('refuses for %s the field %s of the other type', async (otp_type, field, value) => {
    const { status, body } = await create({ name: 'X', otp_type, [field]: value });
    expect(status).toBe(422);
    expect(body.errors).toEqual([{ path: field, message: `Not a field of ${otp_type.toUpperCase()}` }]);
  });

  it.each(['secret', 'otp_type', 'algorithm', 'digits', 'interval', 'issuer', 'account'])(
    'refuses %s beside a URI, which says it already',
    async (field) => {
      const values = { secret: rfcSecret, otp_type: 'totp', algorithm: 'sha1', digits: 6, interval: 30 };
      const value = Object.entries(values).find(([name]) => name === field)?.[1] ?? 'text';
      const answer = await create({ otpauth_uri: `otpauth://totp/a?secret=${rfcSecret}`, [field]: value });
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: field }] } });
    },
  );

  it.each([
    ['no name', { otp_type: 'totp' }, 'name'],
    ['an empty name', totp({ name: '' }), 'name'],
    ['a name of spaces', totp({ name: '   ' }), 'name'],
    ['a name of 101 characters', totp({ name: 'n'.repeat(101) }), 'name'],
    ['a name with a line break', totp({ name: 'a\nb' }), 'name'],
    ['half a character', totp({ name: 'a\ud800' }), 'name'],
    ['a name that is a number', totp({ name: 5 }), 'name'],
    ['no type', { name: 'X' }, 'otp_type'],
    ['an unknown type', totp({ otp_type: 'steam' }), 'otp_type'],
    ['an unknown algorithm', totp({ algorithm: 'md5' }), 'algorithm'],
    ['an algorithm in upper case', totp({ algorithm: 'SHA1' }), 'algorithm'],
    ['5 digits', totp({ digits: 5 }), 'digits'],
    ['9 digits', totp({ digits: 9 }), 'digits'],
    ['digits as text', totp({ digits: '6' }), 'digits'],
    ['half an interval', totp({ interval: 30.5 }), 'interval'],
    ['an interval of 9 s', totp({ interval: 9 }), 'interval'],
    ['an interval of 301 s', totp({ interval: 301 }), 'interval'],
    ['a negative counter', { name: 'X', otp_type: 'hotp', counter: -1 }, 'counter'],
    ['a counter of 2^53', { name: 'X', otp_type: 'hotp', counter: 2 ** 53 }, 'counter'],
    ['a window of 3', totp({ window: 3 }), 'window'],
    ['a look-ahead of 21', { name: 'X', otp_type: 'hotp', look_ahead: 21 }, 'look_ahead'],
    ['an issuer with a colon', totp({ issuer: 'A:B' }), 'issuer'],
    ['an issuer of 65 characters', totp({ issuer: 'i'.repeat(65) }), 'issuer'],
    ['an account with a colon', totp({ account: 'a:b' }), 'account'],
    ['a secret that is a number', totp({ secret: 1234567890123456 }), 'secret'],
    ['a secret of 513 characters', totp({ secret: 'A'.repeat(513) }), 'secret'],
    ['an id (SECURITY 24)', totp({ id: 7 }), 'id'],
    ['a state (SECURITY 24)', totp({ failures: 0, is_active: false }), 'failures'],
    ['a list', [totp()], 'body'],
    ['null', null, 'body'],
  ])('refuses %s', async (_, sent, path) => {
    const { status, body } = await create(sent);
    expect([status, body.code]).toEqual([422, 'invalid_request']);
    expect(body.errors.map((error: { path: string }) => error.path)).toContain(path);
  });

  it('refuses more than 64 KiB, and numbers that are none (SECURITY 24)', async () => {
    expect(await create(totp({ name: 'n'.repeat(70_000) }))).toMatchObject({ status: 413 });
    const headers = { 'content-type': 'application/json' };
    const huge = await create('{"name":"X","otp_type":"hotp","counter":1e999}', alice, { headers });
    expect(huge).toMatchObject({ status: 422, body: { errors: [{ path: 'counter' }] } });
    const nan = await create('{"name":"X","otp_type":"hotp","counter":NaN}', alice, { headers });
    expect(nan).toMatchObject({ status: 400, body: { code: 'malformed_json' } });
  });

  it('is not for API keys: a key makes no secrets (SECURITY 17)', async () => {
    const key = await createKey(alice, product.newClient());
    const answer = await key.client.post('/otp/configs', totp(), { token: key.token });
    expect(answer).toMatchObject({ status: 403, body: { code: 'user_token_required' } });
  });

  it('numbers configurations 1, 2, 3 … per owner, also twenty at once, and gives no number twice', async () => {
    const carol = await seedUser(product);
    const answers = await Promise.all(Array.from({ length: 20 }, () => createAtLast(totp(), carol)));
    const ids = answers.map(({ body }) => Number(body.id)).sort((a, b) => a - b);
    expect(ids).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
    await carol.client.delete('/otp/configs/20', { token: carol.token });
    expect((await create(totp(), carol)).body.id).toBe(21);
    const stats = await carol.client.get('/otp/stats', { token: carol.token });
    expect(stats.body).toMatchObject({ total_configs: 20, active_configs: 20 });
    expect(await userItems(table, carol).meter()).toMatchObject({ totp: 20, sha1: 20, config_seq: 21 });

    // Of the thousand that one may have, 998 are there: the meter is what counts them.
    await userItems(table, carol).setMeter('configs', 998);
    const last = await Promise.all(Array.from({ length: 5 }, () => createAtLast(totp(), carol)));
    expect(tally(last, 'otp_type')).toEqual({ totp: 2, too_many_configs: 3 });
    expect(last.find(({ status }) => status === 409)?.body.detail).toMatch(/Delete a configuration/);
  });

  it('shows the secret once, and keeps it nowhere in the clear (SECURITY 27, 28)', async () => {
    const headers = { 'idempotency-key': 'sealed-creation' };
    const { body, requestId } = await create(withSecret(20), bob, { headers });
    const path = `/otp/configs/${body.id}`;
    const later = await Promise.all([
      bob.client.get(path, { token: bob.token }),
      bob.client.get('/otp/configs', { token: bob.token }),
      bob.client.patch(path, { name: 'Other' }, { token: bob.token }),
      validate(bob, body.id, '000000'),
    ]);
    const written = [
      await userItems(table, bob).text(),
      JSON.stringify(await product.logs({ request_id: requestId })),
      ...later.map(({ text }) => text),
    ].join('\n');
    const secret = bytesOf(body.secret);
    for (const form of [body.secret, body.secret.toLowerCase(), ...formsOf(secret)])
      expect(written).not.toContain(form);
    expect(later.every(({ text }) => !/"(secret|otpauth_uri|qr_svg)"/.test(text))).toBe(true);
  });

  it('is one event, which tells how but not what', async () => {
    const existing = await create(withSecret(20, { algorithm: 'sha256' }), bob);
    const fresh = await create(totp(), bob);
    const events = (await userItems(table, bob).events('config_create')).slice(-2);
    expect(events.map(({ status, resource_id, details }) => ({ status, resource_id, details }))).toEqual([
      {
        status: 'success',
        resource_id: String(existing.body.id),
        details: { otp_type: 'totp', algorithm: 'sha256', existing_secret: true },
      },
      {
        status: 'success',
        resource_id: String(fresh.body.id),
        details: { otp_type: 'totp', algorithm: 'sha1', existing_secret: false },
      },
    ]);
  });

  it('makes one of ten with one Idempotency-Key, and answers its secret to each', async () => {
    const headers = { 'idempotency-key': 'one-of-ten' };
    const ask = () => create(totp(), bob, { headers });
    const answers = await Promise.all(Array.from({ length: 10 }, () => atLast(ask)));
    expect(tally(answers, 'status')).toEqual({ 201: 10 });
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter((answer) => answer.headers['idempotent-replayed'] === 'true')).toHaveLength(9);
    const other = await create(totp({ digits: 8 }), bob, { headers });
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
  });

  it.each([
    ['an answer of the table is lost', { kind: 'lost_response' }],
    ['transactions conflict twice', { kind: 'error', code: 'TransactionConflict', times: 2 }],
  ] as const)('makes one when %s (SECURITY 30)', async (_, wanted) => {
    const client = product.newClient();
    const before = Number((await userItems(table, bob).meter())['configs']);
    const operation = 'TransactWriteItems';
    await product.fault({ service: 'dynamodb', operation, source_ip: client.sourceIp, ...wanted });
    const { status, body } = await create(totp(), { ...bob, client });
    expect(status).toBe(201);
    expect((await userItems(table, bob).meter())['configs']).toBe(before + 1);
    expect(await userItems(table, bob).config(body.id + 1)).toBeUndefined();
  });

  it('answers 503 while the table cannot write, and makes neither half (SECURITY 30)', async () => {
    const client = product.newClient();
    const next = Number((await userItems(table, bob).meter())['config_seq']) + 1;
    const fault = await product.fault({
      service: 'dynamodb',
      operation: 'TransactWriteItems',
      source_ip: client.sourceIp,
      kind: 'error',
      code: 'InternalServerError',
      times: 'forever',
    });
    const failed = await create(totp(), { ...bob, client });
    await fault.clear();
    expect(failed).toMatchObject({ status: 503, body: { code: 'try_again' }, headers: { 'retry-after': '1' } });
    expect(await userItems(table, bob).config(next)).toBeUndefined();
    expect(await userItems(table, bob).secret(next)).toBeUndefined();
    expect((await create(totp(), { ...bob, client })).body.id).toBe(next);
  });
});

describe('POST /otp/configs with the limits of the policy', () => {
  it('makes ten an hour', async () => {
    const user = await seedUser(connect(inject('standard')));
    const answers = [];
    for (let time = 0; time < 12; time++) answers.push(await create(totp(), user));
    expect(tally(answers, 'status')).toEqual({ 201: 10, 429: 2 });
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers).toMatchObject({ 'ratelimit-policy': '"config_create";q=10;w=3600' });
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(3500);
  });
});
