import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type RequestOptions, type TestUser } from '../../infra/local/testing.ts';
import { codeAtInstant, codeOfCounter } from '../../infra/testing/authenticator.ts';
import { type Access, createConfig, createKey, generate, setClock, stepAhead } from '../../infra/testing/otp-user.ts';
import { openRawTable } from '../../infra/testing/raw-table.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';
import { formsOf, userItems } from '../../infra/testing/user-items.ts';

const product = connect(inject('generous'));
const table = openRawTable(inject('generous'));
let alice: TestUser;
let mallory: TestUser;

beforeAll(async () => {
  [alice, mallory] = await Promise.all([seedUser(product), seedUser(product)]);
});

function bulk(ids: unknown, { client, token }: Access = alice, options: RequestOptions = {}) {
  return client.post('/otp/bulk/generate', ids, { token, ...options });
}

const refusal = (config_id: number, error: string) => ({ config_id, success: false, error });

describe('POST /otp/bulk/generate', () => {
  it('answers a row for each id in the order asked, as often as it is asked', async () => {
    const totp = await createConfig(alice, { interval: 60, digits: 8, algorithm: 'sha256' });
    const hotp = await createConfig(alice, { otp_type: 'hotp', counter: 2 ** 32 });
    const at = stepAhead(60);
    const client = product.newClient();
    await setClock(client, at);
    const { status, headers, body } = await bulk([hotp.id, totp.id, hotp.id], { client, token: alice.token });
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(headers['ratelimit-policy']).toMatch(/^"bulk_generate";q=/);
    const ofHotp = {
      config_id: hotp.id,
      success: true,
      otp_code: codeOfCounter(hotp.entry, 2 ** 32),
      counter: 2 ** 32,
    };
    const ofTotp = {
      config_id: totp.id,
      success: true,
      otp_code: codeAtInstant(totp.entry, at, 60),
      next_otp_code: codeAtInstant(totp.entry, at + 60_000, 60),
      remaining_seconds: expect.any(Number),
    };
    expect(body).toEqual({ results: [ofHotp, ofTotp, ofHotp] });
    expect(body.results[1].remaining_seconds).toBeGreaterThan(40);
    expect(body.results[1].remaining_seconds).toBeLessThanOrEqual(59);
    // Shown, not handed out.
    expect(await userItems(table, alice).config(hotp.id)).toMatchObject({ counter: 2 ** 32 });
  });

  it('names what is wrong with one id and answers the others (SECURITY 23, 27)', async () => {
    const whole = await createConfig(alice, { otp_type: 'hotp' });
    const inactive = await createConfig(alice);
    const locked = await createConfig(alice);
    const broken = await createConfig(alice);
    const lost = await createConfig(alice);
    const items = userItems(table, alice);
    await alice.client.patch(`/otp/configs/${inactive.id}`, { is_active: false }, { token: alice.token });
    await items.setConfig(locked.id, 'failures', 100);
    await items.setConfig(locked.id, 'last_failure_at', Date.now());
    await items.setSealed(broken.id, new Uint8Array(80));
    await table.delete(`SECRET#${alice.user.id}`, String(lost.id).padStart(10, '0'));
    const { status, body } = await bulk([inactive.id, 999_999_999, locked.id, whole.id, broken.id, lost.id]);
    expect(status).toBe(200);
    expect(body.results).toEqual([
      refusal(inactive.id, 'config_inactive'),
      refusal(999_999_999, 'config_not_found'),
      refusal(locked.id, 'config_locked'),
      { config_id: whole.id, success: true, otp_code: codeOfCounter(whole.entry, 0), counter: 0 },
      refusal(broken.id, 'secret_unreadable'),
      refusal(lost.id, 'secret_unreadable'),
    ]);
    const theirs = await bulk([whole.id, 999_999_999], mallory);
    expect(theirs.body.results).toEqual([
      refusal(whole.id, 'config_not_found'),
      refusal(999_999_999, 'config_not_found'),
    ]);
  });

  it('answers fifty ids at once', async () => {
    const uris = Array.from({ length: 50 }, (_, at) => {
      const secret = `${'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQO'}${'ABCDEFGH'[at % 8]}${'ABCDEFGH'[at >> 3]}`;
      return `otpauth://totp/a${at}?secret=${secret}`;
    });
    const imported = await mallory.client.post('/otp/import', { data: uris }, { token: mallory.token });
    const ids = imported.body.results.map((row: { config_id: number }) => row.config_id).reverse();
    const { body } = await bulk(ids, mallory);
    expect(body.results.map((row: { config_id: number }) => row.config_id)).toEqual(ids);
    expect(body.results.every((row: { success: boolean }) => row.success)).toBe(true);
  });

  it.each([
    ['no id', []],
    ['51 ids', Array.from({ length: 51 }, (_, at) => at + 1)],
    ['an id as text', ['1']],
    ['the id 0', [0]],
    ['a negative id', [-1]],
    ['half an id', [1.5]],
    ['an id beyond all', [1_000_000_000]],
    ['null', [null]],
    ['an object of the seed’s other shape', { config_ids: [1] }],
    ['a number', 1],
  ])('refuses %s', async (_, ids) => {
    const sent = JSON.stringify(ids);
    const answer = await bulk(sent, alice, { headers: { 'content-type': 'application/json' } });
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
  });

  it('gives an API key its own configurations, where it may generate', async () => {
    const [one, other] = [await createConfig(alice, { otp_type: 'hotp' }), await createConfig(alice)];
    const key = await createKey(alice, product.newClient(), { scopes: ['otp:generate'], config_ids: [one.id] });
    const { body } = await bulk([one.id, other.id], key);
    expect(body.results).toEqual([
      expect.objectContaining({ config_id: one.id, success: true }),
      refusal(other.id, 'config_not_found'),
    ]);
    const blind = await createKey(alice, product.newClient(), { scopes: ['otp:validate', 'otp:configs:read'] });
    expect(await bulk([one.id], blind)).toMatchObject({ status: 403, body: { code: 'scope_missing' } });
  });

  it('counts each code, and is one event that tells which ids got one, without the codes (SECURITY 28)', async () => {
    const bob = await seedUser(product);
    const [one, two] = [
      await createConfig(bob, { otp_type: 'hotp', digits: 8 }),
      await createConfig(bob, { otp_type: 'hotp', digits: 8, counter: 7 }),
    ];
    const off = await createConfig(bob);
    await bob.client.patch(`/otp/configs/${off.id}`, { is_active: false }, { token: bob.token });
    const { body, requestId } = await bulk([two.id, off.id, one.id, two.id], bob);
    await bulk([off.id, 77], bob);
    const events = await userItems(table, bob).events('otp_generate');
    expect(events.map(({ status, resource_id, details }) => ({ status, resource_id, details }))).toEqual([
      {
        status: 'success',
        resource_id: undefined,
        details: { config_ids: [two.id, one.id, two.id], refused: [off.id], generations: 3 },
      },
      { status: 'failure', resource_id: undefined, details: { config_ids: [], refused: [off.id, 77], generations: 0 } },
    ]);
    const stats = await bob.client.get('/otp/stats', { token: bob.token });
    expect(stats.body).toMatchObject({ total_generations: 3, total_validations: 0 });
    const written = JSON.stringify([events, await product.logs({ request_id: requestId })]);
    for (const row of body.results) if (row.success) expect(written).not.toContain(row.otp_code);
  });

  it('gives the same codes again by its Idempotency-Key, kept sealed (SECURITY 27)', async () => {
    const bob = await seedUser(product);
    const config = await createConfig(bob, { otp_type: 'hotp', digits: 8 });
    const headers = { 'idempotency-key': 'bulk-once' };
    const first = await bulk([config.id], bob, { headers });
    await generate(bob, config.id, { counter_increment: true });
    const again = await bulk([config.id], bob, { headers });
    expect([again.body, again.headers['idempotent-replayed']]).toEqual([first.body, 'true']);
    const { otp_code } = first.body.results[0];
    const written = await userItems(table, bob).text();
    for (const form of [otp_code, ...formsOf(Buffer.from(otp_code))]) expect(written).not.toContain(form);
  });

  it('answers 503 while the table cannot write, and counts nothing (SECURITY 30)', async () => {
    const bob = await seedUser(product);
    const { id } = await createConfig(bob);
    const client = product.newClient();
    const fault = { service: 'dynamodb', source_ip: client.sourceIp } as const;
    const broken = await product.fault({
      ...fault,
      operation: 'TransactWriteItems',
      kind: 'error',
      code: 'ThrottlingException',
      times: 'forever',
    });
    expect(await bulk([id], { client, token: bob.token })).toMatchObject({ status: 503, body: { code: 'try_again' } });
    await broken.clear();
    expect(await userItems(table, bob).meter()).toMatchObject({ config_seq: 1 });
    await product.fault({ ...fault, kind: 'partial_batch', times: 2 });
    expect((await bulk([id], { client, token: bob.token })).body.results).toMatchObject([{ success: true }]);
    expect(await userItems(table, bob).meter()).toMatchObject({ generations: 1 });
  });
});

describe('POST /otp/bulk/generate with the limits of the policy', () => {
  it('lets ten a minute through', async () => {
    const user = await seedUser(connect(inject('standard')));
    const answers = [];
    for (let time = 0; time < 12; time++) answers.push(await bulk([1], user));
    const through = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 429);
    expect([through.length, refused.length]).toEqual([10, 2]);
    for (const { headers } of answers) expect(headers['ratelimit-policy']).toBe('"bulk_generate";q=10;w=60');
  });
});
