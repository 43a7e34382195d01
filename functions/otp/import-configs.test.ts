import { beforeAll, describe, expect, inject, it } from 'vitest';
import { atLast, connect, type RequestOptions, type TestUser } from '../../infra/local/testing.ts';
import { codeOfCounter, secretNamed } from '../../infra/testing/authenticator.ts';
import { type Access, createConfig, createKey, generate, tally } from '../../infra/testing/otp-user.ts';
import { openRawTable } from '../../infra/testing/raw-table.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';
import { formsOf, userItems } from '../../infra/testing/user-items.ts';
import { encodeBase32 } from '../../shared/domain/base32.ts';
import vectors from '../../shared/domain/migration-payload.data.json' with { type: 'json' };
import { writeMigrationParts } from '../../shared/domain/migration-payload.ts';
import { accountFaults, accountWarnings, type OtpAccount } from '../../shared/domain/otp-account.ts';
import { buildOtpauthUri } from '../../shared/domain/otpauth-uri.ts';
import { otp } from '../../shared/domain/policy.ts';

const product = connect(inject('generous'));
const table = openRawTable(inject('generous'));
let alice: TestUser;
let bob: TestUser;

beforeAll(async () => {
  [alice, bob] = await Promise.all([seedUser(product), seedUser(product)]);
});

function importAs({ client, token }: Access, data: unknown, more: object = {}, options: RequestOptions = {}) {
  return client.post('/otp/import', { data, ...more }, { token, ...options });
}

/** An account that no other has, named so that its transaction can be told by it. */
function account(name: string): OtpAccount {
  const parameters = { otp_type: 'totp', algorithm: 'sha1', digits: 6, interval: 30 } as const;
  return { ...parameters, secret: secretNamed(name), issuer: 'Acme', account: name };
}

const accounts = (name: string, count: number) => Array.from({ length: count }, (_, at) => account(`${name}-${at}`));
const uris = (name: string, count: number) => accounts(name, count).map(buildOtpauthUri);

interface Row {
  readonly row: number;
  readonly result: string;
  readonly config_id?: number;
  readonly reason?: string;
}
const resultsOf = ({ body }: { body: { results: Row[] } }) => body.results.map(({ row, result }) => [row, result]);
const idsOf = ({ body }: { body: { results: Row[] } }) => body.results.map(({ config_id }) => config_id);

describe('POST /otp/import', () => {
  it('answers a row for each entry: created, duplicate or invalid', async () => {
    const held = await createConfig(alice, { otp_type: 'hotp', counter: 9 }, secretNamed('held'));
    const heldUri = buildOtpauthUri({ ...account('held'), otp_type: 'hotp', counter: 0 });
    const [fresh, other] = [buildOtpauthUri(account('fresh')), buildOtpauthUri({ ...account('fresh'), digits: 8 })];
    const answer = await importAs(alice, [
      fresh,
      heldUri,
      'otpauth://steam/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
      `${fresh}&image=x`,
      ` ${other}\n`,
    ]);
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(answer.headers['ratelimit-policy']).toMatch(/^"transfer";q=/);
    const name = 'Acme: fresh';
    expect(answer.body).toEqual({
      results: [
        { row: 0, name, result: 'created', config_id: held.id + 1 },
        // The counter of a HOTP moves: that it is another one makes no other account.
        { row: 1, name: 'Acme: held', result: 'duplicate', config_id: held.id },
        { row: 2, result: 'invalid', reason: accountFaults.type },
        { row: 3, name, result: 'duplicate', config_id: held.id + 1, warnings: [accountWarnings.ignored] },
        // With another number of digits it makes other codes.
        { row: 4, name, result: 'created', config_id: held.id + 2 },
      ],
      created: 2,
      duplicates: 2,
      invalid: 1,
    });
    const read = await alice.client.get(`/otp/configs/${held.id + 2}`, { token: alice.token });
    expect(read.body).toMatchObject({ name, issuer: 'Acme', account: 'fresh', digits: 8, window: 1, is_active: true });
    expect(await userItems(table, alice).config(held.id)).toMatchObject({ counter: 9 });
  });

  it('makes accounts whose codes are those of the app they come from', async () => {
    const imported = accounts('codes', 3).map((one, at) => ({
      ...one,
      otp_type: 'hotp' as const,
      counter: 2 ** 40 + at,
      algorithm: (['sha1', 'sha256', 'sha512'] as const)[at] ?? 'sha1',
    }));
    const answer = await importAs(alice, imported.map(buildOtpauthUri));
    for (const [at, id] of idsOf(answer).entries()) {
      const { secret, algorithm } = imported[at] ?? account('none');
      const { body } = await generate(alice, id ?? 0);
      expect(body).toMatchObject({
        otp_code: codeOfCounter({ secret, algorithm }, 2 ** 40 + at),
        counter: 2 ** 40 + at,
      });
    }
  });

  it('reads the published exports, percent-encoded and raw (VECTORS §5)', async () => {
    const carol = await seedUser(product);
    const data = vectors.exports.map((one) => `otpauth-migration://offline?data=${one.data}`);
    const [m1, encoded, raw] = data;
    // Ten bytes are taken on request only.
    const short = await importAs(carol, [m1]);
    expect(short.body.results).toEqual([{ row: 0, result: 'invalid', reason: accountFaults.secret_weak }]);
    const answer = await importAs(carol, [m1, encoded, raw], { allow_short_secret: true });
    expect(resultsOf(answer)).toEqual([
      [0, 'created'],
      [1, 'created'],
      [1, 'created'],
      [2, 'duplicate'],
      [2, 'duplicate'],
    ]);
    expect(idsOf(answer)).toEqual([1, 2, 3, 2, 3]);
    for (const [at, known] of vectors.exports
      .slice(0, 2)
      .flatMap((one) => one.accounts)
      .entries()) {
      const revealed = await carol.client.post(`/otp/configs/${at + 1}/reveal`, undefined, { token: carol.token });
      expect(revealed.body.secret).toBe(known.secret_base32);
      const config = await carol.client.get(`/otp/configs/${at + 1}`, { token: carol.token });
      const parameters = { otp_type: 'totp', algorithm: 'sha1', digits: 6, interval: 30 };
      expect(config.body).toMatchObject({ ...parameters, issuer: known.issuer, account: known.account });
    }
  });

  it('puts the parts of an export together in any order, and names the one that is missing', async () => {
    const { uris: parts } = writeMigrationParts(accounts('parts', 25));
    const [first = '', second = '', third = ''] = parts;
    const partly = await importAs(bob, [third, first], { dry_run: true });
    expect(partly.body).toMatchObject({ created: 15, duplicates: 0, invalid: 1 });
    expect(partly.body.results.filter(({ result }: Row) => result === 'invalid')).toEqual([
      {
        row: 0,
        result: 'invalid',
        reason: 'Of the 3 parts of this export these are missing: 2. Add their QR codes too.',
      },
    ]);
    const whole = await importAs(bob, [third, first, second, first]);
    expect(whole.body).toMatchObject({ created: 25, duplicates: 0, invalid: 0 });
    const listed = await bob.client.get('/otp/configs?search=parts', { token: bob.token });
    expect(listed.body.map((config: { account: string }) => config.account).sort()).toEqual(
      accounts('parts', 25)
        .map((one) => one.account)
        .sort(),
    );
  });

  it('with dry_run says what it would do, and does nothing', async () => {
    const carol = await seedUser(product);
    const { id } = await createConfig(carol, {}, secretNamed('dry-0'));
    const data = [...uris('dry', 2), ...uris('dry', 2)];
    const dry = await importAs(carol, data, { dry_run: true });
    expect(dry.body).toEqual({
      results: [
        { row: 0, name: 'Acme: dry-0', result: 'duplicate', config_id: id },
        { row: 1, name: 'Acme: dry-1', result: 'created' },
        { row: 2, name: 'Acme: dry-0', result: 'duplicate', config_id: id },
        { row: 3, name: 'Acme: dry-1', result: 'duplicate' },
      ],
      created: 1,
      duplicates: 3,
      invalid: 0,
    });
    const items = userItems(table, carol);
    expect(await items.meter()).toMatchObject({ configs: 1, config_seq: 1 });
    expect(await items.events('config_import')).toEqual([]);
    expect((await importAs(carol, data)).body).toMatchObject({ created: 1, duplicates: 3 });
  });

  it('says what is wrong with an entry in words that never repeat its secret (SECURITY 28)', async () => {
    const secret = encodeBase32(secretNamed('canary'));
    const bad = [
      'not a URI',
      `otpauth://totp/a?secret=${secret.slice(0, 8)}`,
      `otpauth://totp/a?secret=${secret}1`,
      `otpauth://totp/a?secret=${secret}${secret.repeat(7)}`,
      `otpauth://totp/a?secret=${secret}&digits=${secret}`,
      `otpauth://totp/a?secret=${secret}&period=0`,
      `otpauth://totp/a?secret=${secret}&algorithm=${secret}`,
      `otpauth://hotp/a?secret=${secret}`,
      `otpauth://${secret}/a`,
      `otpauth://totp/a%zz?secret=${secret}`,
      `otpauth://totp/${'a'.repeat(129)}?secret=${secret}`,
      `otpauth://totp/a?secret=${secret}&x=${'x'.repeat(2048)}`,
      `otpauth-migration://offline?data=${secret}`,
      `otpauth-migration://offline?data=${encodeURIComponent(Buffer.from(secret).toString('base64'))}`,
      'otpauth-migration://offline',
    ];
    const { status, text, body, requestId } = await importAs(alice, bad);
    expect(status).toBe(200);
    expect(body).toMatchObject({ created: 0, duplicates: 0, invalid: bad.length });
    expect(body.results.map(({ row }: Row) => row)).toEqual(bad.map((_, at) => at));
    const logged = JSON.stringify(await product.logs({ request_id: requestId }));
    for (const part of [secret, secret.slice(0, 8)]) expect(text + logged).not.toContain(part);
    const [event] = (await userItems(table, alice).events('config_import')).slice(-1);
    expect(event).toMatchObject({ status: 'failure', details: { created: 0, invalid: bad.length } });
  });

  it('keeps no secret in the clear, and is one event a transaction (SECURITY 27, 28)', async () => {
    const carol = await seedUser(product);
    const all = accounts('sealed', 50);
    const { requestId } = await importAs(carol, all.map(buildOtpauthUri));
    const items = userItems(table, carol);
    const events = await items.events('config_import');
    const ids = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
    // Both of one instant: which stands first is chance.
    expect(events.map(({ status, details }) => [status, details])).toEqual(
      expect.arrayContaining([
        ['success', { config_ids: ids(1, 48) }],
        ['success', { config_ids: ids(49, 50) }],
      ]),
    );
    expect(events).toHaveLength(2);
    const written = (await items.text()) + JSON.stringify(await product.logs({ request_id: requestId }));
    for (const { secret } of all) {
      for (const form of [encodeBase32(secret), ...formsOf(secret)]) expect(written).not.toContain(form);
    }
    expect(await items.meter()).toMatchObject({ configs: 50, active: 50, totp: 50, sha1: 50, config_seq: 50 });
  });

  it('takes five hundred entries with the longest names, and gives the answer again by its Idempotency-Key', async () => {
    const carol = await seedUser(product);
    const data = Array.from({ length: otp.importRows }, (_, at) => {
      // With all warnings that one entry can have, some 800 bytes of answer each.
      const secret = encodeBase32(secretNamed(`long-${at}`, 10));
      const [issuer, name] = ['漢'.repeat(64), `${'字'.repeat(120)}+${at}`];
      return `otpauth://totp/Old:${name}?secret=${secret}&secret=${secret}&issuer=${issuer}&x=%23#`;
    });
    const headers = { 'idempotency-key': 'all-of-it' };
    const send = () => importAs(carol, data, { allow_short_secret: true }, { headers });
    // A machine that is too slow for eleven transactions within the deadline finishes it by sending it again.
    const first = await atLast(send, 10);
    expect(first).toMatchObject({ status: 200, body: { invalid: 0 } });
    expect(idsOf(first)).toEqual(data.map((_, at) => at + 1));
    expect(first.body.results[0].warnings).toHaveLength(6);
    const again = await send();
    expect([again.text === first.text, again.headers['idempotent-replayed']]).toEqual([true, 'true']);
    const repeated = { 'idempotency-key': 'once-more' };
    const repeat = () => importAs(carol, data, { allow_short_secret: true }, { headers: repeated });
    const twice = await atLast(repeat, 10);
    expect(twice.body).toMatchObject({ created: 0, duplicates: otp.importRows });

    // One is told that there is no room before anything is made.
    const filled = await atLast(() => importAs(carol, uris('room', 500)), 10);
    expect(filled).toMatchObject({ status: 200, body: { invalid: 0 } });
    const none = await importAs(carol, uris('none', 1));
    expect(none).toMatchObject({ status: 409, body: { code: 'too_many_configs' } });
    expect(await userItems(table, carol).meter()).toMatchObject({ configs: 1000, config_seq: 1000 });
  });

  it('refuses more than five hundred entries, counted behind their QR codes too', async () => {
    const texts = await importAs(
      alice,
      Array.from({ length: 501 }, () => 'x'),
    );
    expect(texts).toMatchObject({ status: 422, body: { errors: [{ path: 'data' }] } });
    const { uris: parts } = writeMigrationParts(accounts('many', 501));
    const entries = await importAs(alice, parts);
    expect(entries).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'data', message: 'More than 500 entries' }] },
    });
  });

  it('takes a body of up to 1 MiB', async () => {
    const headers = { 'content-type': 'application/json' };
    const sized = (bytes: number) => {
      const body = { data: Array.from({ length: 16 }, () => 'x'.repeat(65_000)) };
      const rest = bytes - JSON.stringify({ ...body, data: [...body.data, ''] }).length;
      return JSON.stringify({ data: [...body.data, 'x'.repeat(rest)] });
    };
    const send = (bytes: number) => alice.client.post('/otp/import', sized(bytes), { token: alice.token, headers });
    expect((await send(2 ** 20)).body).toMatchObject({ created: 0, invalid: 17 });
    expect(await send(2 ** 20 + 1)).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
  });

  it.each([
    ['no data', {}, 'data'],
    ['a text instead of a list', { data: 'otpauth://totp/a' }, 'data'],
    ['an empty list', { data: [] }, 'data'],
    ['an empty entry', { data: [''] }, 'data.0'],
    ['a number', { data: ['x', 5] }, 'data.1'],
    ['an entry that is too long', { data: ['x'.repeat(65_537)] }, 'data.0'],
    ['dry_run as text', { data: ['x'], dry_run: 'true' }, 'dry_run'],
    ['an unknown field (SECURITY 24)', { data: ['x'], user_id: 'someone' }, 'user_id'],
  ])('refuses %s', async (_, sent, path) => {
    const { status, body } = await alice.client.post('/otp/import', sent, { token: alice.token });
    expect([status, body.code]).toEqual([422, 'invalid_request']);
    expect(body.errors.map((error: { path: string }) => error.path)).toEqual([path]);
  });

  it('is not for API keys (SECURITY 17)', async () => {
    const key = await createKey(alice, product.newClient());
    expect(await importAs(key, ['x'])).toMatchObject({ status: 403, body: { code: 'user_token_required' } });
  });
});

describe('POST /otp/import in several transactions (SECURITY 30)', () => {
  const count = otp.configsPerTransaction + 12;

  it('is finished by sending it again when it broke off in between', async () => {
    const carol = await seedUser(product);
    const access = { client: product.newClient(), token: carol.token };
    const data = uris('broken', count);
    const fault = await product.fault({
      service: 'dynamodb',
      operation: 'TransactWriteItems',
      source_ip: access.client.sourceIp,
      match: `broken-${count - 1}`,
      kind: 'error',
      code: 'InternalServerError',
      times: 'forever',
    });
    expect(await importAs(access, data)).toMatchObject({ status: 503, body: { code: 'try_again' } });
    expect(await userItems(table, carol).meter()).toMatchObject({ configs: 48, config_seq: 48 });
    await fault.clear();
    const again = await importAs(access, data);
    expect(again.body).toMatchObject({ created: 12, duplicates: 48, invalid: 0 });
    expect(idsOf(again)).toEqual(data.map((_, at) => at + 1));
    expect(await userItems(table, carol).meter()).toMatchObject({ configs: count, totp: count, config_seq: count });
  });

  it.each([
    ['conflicts twice', { kind: 'error', code: 'TransactionConflict', times: 2 }],
    ['loses its answer', { kind: 'lost_response' }],
  ] as const)('calls created what it made itself when the second one %s', async (_, wanted) => {
    const carol = await seedUser(product);
    const access = { client: product.newClient(), token: carol.token };
    const name = `again-${wanted.kind}`;
    await product.fault({
      service: 'dynamodb',
      operation: 'TransactWriteItems',
      source_ip: access.client.sourceIp,
      match: `${name}-${count - 1}`,
      ...wanted,
    });
    const answer = await importAs(access, uris(name, count));
    expect(answer.body).toMatchObject({ created: count, duplicates: 0, invalid: 0 });
    expect(idsOf(answer)).toEqual(Array.from({ length: count }, (_, at) => at + 1));
    expect(await userItems(table, carol).meter()).toMatchObject({ configs: count, config_seq: count });
  });

  it('makes each account once of two imports at once', async () => {
    const carol = await seedUser(product);
    const data = uris('both', count);
    const send = () => atLast(() => importAs(carol, data), 10);
    const [one, two] = await Promise.all([send(), send()]);
    expect([one.status, two.status]).toEqual([200, 200]);
    expect(idsOf(one)).toEqual(idsOf(two));
    expect(new Set(idsOf(one)).size).toBe(count);
    expect(await userItems(table, carol).meter()).toMatchObject({ configs: count, config_seq: count });
  });
});

describe('POST /otp/import with the limits of the policy', () => {
  it('shares ten an hour with export', async () => {
    const user = await seedUser(connect(inject('standard')));
    const send = (at: number) =>
      at % 2
        ? user.client.post('/otp/export', { format: 'otpauth' }, { token: user.token })
        : importAs(user, ['x'], { dry_run: true });
    const answers = [];
    for (let time = 0; time < 12; time++) answers.push(await send(time));
    expect(tally(answers, 'status')).toEqual({ 200: 10, 429: 2 });
    for (const { headers } of answers) expect(headers['ratelimit-policy']).toBe('"transfer";q=10;w=3600');
  });
});
