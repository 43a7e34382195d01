import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type RequestOptions, type TestUser } from '../../infra/local/testing.ts';
import { secretNamed } from '../../infra/testing/authenticator.ts';
import { comparableAnswer } from '../../infra/testing/comparable-answer.ts';
import { type Access, createConfig, createKey, generate } from '../../infra/testing/otp-user.ts';
import { openRawTable } from '../../infra/testing/raw-table.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';
import { formsOf, userItems } from '../../infra/testing/user-items.ts';
import { encodeBase32 } from '../../shared/domain/base32.ts';
import { migrationOmissions } from '../../shared/domain/migration-payload.ts';
import { scanQrSvg } from '../../shared/domain/testing/scan-qr-svg.ts';

const product = connect(inject('generous'));
const table = openRawTable(inject('generous'));
let alice: TestUser;
let bob: TestUser;
/** Alice's, by id. */
const uris: string[] = [];

beforeAll(async () => {
  [alice, bob] = await Promise.all([seedUser(product), seedUser(product)]);
  for (let at = 0; at < 23; at++) {
    const fields = at % 3 === 0 ? { otp_type: 'hotp', counter: at } : { algorithm: 'sha256', digits: 8 };
    const names = {
      name: `Account ${at}`,
      issuer: at === 1 ? '' : 'Acme & Söhne',
      account: at === 2 ? '' : `user ${at}`,
    };
    const { created } = await createConfig(alice, { ...fields, ...names }, secretNamed(`export ${at}`));
    uris.push(created.otpauth_uri);
  }
});

function exportAs({ client, token }: Access, body: unknown, options: RequestOptions = {}) {
  return client.post('/otp/export', body, { token, ...options });
}

const importAs = ({ client, token }: Access, data: unknown) => client.post('/otp/import', { data }, { token });

describe('POST /otp/export', () => {
  it('answers the URI of each configuration, by id', async () => {
    const { status, headers, body } = await exportAs(alice, { format: 'otpauth' });
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(headers['ratelimit-policy']).toMatch(/^"transfer";q=/);
    expect(body).toEqual({ data: uris, exported: uris.length, left_out: [] });
  });

  it('answers the migration format in parts of ten, each with the QR code that holds it', async () => {
    const { body } = await exportAs(alice, { format: 'migration' });
    expect(body).toMatchObject({ exported: uris.length, left_out: [] });
    expect(body.data).toHaveLength(3);
    expect(body.qr_svgs.map(scanQrSvg)).toEqual(body.data);
    for (const uri of body.data) expect(uri).toMatch(/^otpauth-migration:\/\/offline\?data=[A-Za-z0-9%]+$/);
  });

  it.each(['otpauth', 'migration'])('as %s gives another service the same codes', async (format) => {
    const carol = await seedUser(product);
    const { data } = (await exportAs(alice, { format })).body;
    const imported = await importAs(carol, data);
    expect(imported.body).toMatchObject({ created: uris.length, duplicates: 0, invalid: 0 });
    const there = await exportAs(carol, { format: 'otpauth' });
    expect(there.body.data).toEqual(uris);
    const [here, copy] = [await generate(alice, 1), await generate(carol, 1)];
    expect(copy.body.otp_code).toBe(here.body.otp_code);
    // Its own export is nothing new.
    const again = await importAs(alice, data);
    expect(again.body).toMatchObject({ created: 0, duplicates: uris.length, invalid: 0 });
  });

  it('answers what was asked for, each once, and nothing where there is nothing', async () => {
    const some = await exportAs(alice, { format: 'otpauth', config_ids: [5, 2, 5] });
    expect(some.body).toEqual({ data: [uris[1], uris[4]], exported: 2, left_out: [] });
    const carol = await seedUser(product);
    expect((await exportAs(carol, { format: 'otpauth' })).body).toEqual({ data: [], exported: 0, left_out: [] });
    expect((await exportAs(carol, { format: 'migration' })).body).toEqual({
      data: [],
      qr_svgs: [],
      exported: 0,
      left_out: [],
    });
  });

  it('names what the migration format has no word for, and what does not open, and exports the rest', async () => {
    const seven = await createConfig(bob, { digits: 7 });
    const slow = await createConfig(bob, { interval: 60 });
    const broken = await createConfig(bob);
    const off = await createConfig(bob, { account: 'off' });
    await bob.client.patch(`/otp/configs/${off.id}`, { is_active: false }, { token: bob.token });
    await userItems(table, bob).setSealed(broken.id, new Uint8Array(80));
    const unreadable = { config_id: broken.id, reason: 'Its secret cannot be read.' };
    const migration = await exportAs(bob, { format: 'migration' });
    expect(migration.body).toMatchObject({
      exported: 1,
      left_out: [
        { config_id: seven.id, reason: migrationOmissions.digits },
        { config_id: slow.id, reason: migrationOmissions.interval },
        unreadable,
      ],
    });
    expect(migration.body.data).toHaveLength(1);
    const otpauth = await exportAs(bob, { format: 'otpauth' });
    expect(otpauth.body).toMatchObject({
      data: [seven, slow, off].map(({ created }) => created.otpauth_uri),
      exported: 3,
      left_out: [unreadable],
    });
  });

  it("answers another user's configuration as one that is not there, and exports nothing (SECURITY 23)", async () => {
    const ask = (id: number) => exportAs(bob, { format: 'otpauth', config_ids: [1, id] });
    const [foreign, absent] = [await ask(20), await ask(999_999_999)];
    expect(foreign).toMatchObject({ status: 404, body: { code: 'config_not_found' } });
    expect(comparableAnswer(foreign)).toEqual(comparableAnswer(absent));
  });

  it('needs a log-in or step-up of the last five minutes (SECURITY 17)', async () => {
    const client = product.newClient();
    const late = { client, token: alice.token };
    await client.moveClock(301_000);
    const stale = await exportAs(late, { format: 'otpauth' });
    expect(stale).toMatchObject({ status: 403, body: { code: 'fresh_session_required' } });
    const stepUp = await client.post('/users/me/step-up', { password: alice.password }, { token: alice.token });
    expect(stepUp.status).toBe(200);
    expect((await exportAs(late, { format: 'otpauth' })).status).toBe(200);
    const key = await createKey(bob, product.newClient());
    expect(await exportAs(key, { format: 'otpauth' })).toMatchObject({
      status: 403,
      body: { code: 'user_token_required' },
    });
  });

  it('is one event that names the configurations, and leaves no secret anywhere (SECURITY 27, 28)', async () => {
    const { requestId } = await exportAs(alice, { format: 'migration', config_ids: [1, 3] });
    const events = (await userItems(table, alice).events('config_export')).filter(
      ({ request_id }) => request_id === requestId,
    );
    expect(events.map(({ status, details }) => [status, details])).toEqual([
      ['success', { format: 'migration', exported: 2, config_ids: [1, 3] }],
    ]);
    const written =
      (await userItems(table, alice).text()) + JSON.stringify(await product.logs({ request_id: requestId }));
    for (const at of [0, 2]) {
      const secret = secretNamed(`export ${at}`);
      for (const form of [encodeBase32(secret), ...formsOf(secret)]) expect(written).not.toContain(form);
    }
  });

  it.each([
    ['no format', {}, 'format'],
    ['an unknown format', { format: 'csv' }, 'format'],
    ['no id', { format: 'otpauth', config_ids: [] }, 'config_ids'],
    ['an id as text', { format: 'otpauth', config_ids: ['1'] }, 'config_ids.0'],
    ['a number', { format: 'otpauth', config_ids: 1 }, 'config_ids'],
    ['1,001 ids', { format: 'otpauth', config_ids: Array.from({ length: 1001 }, (_, at) => at + 1) }, 'config_ids'],
    ['an unknown field (SECURITY 24)', { format: 'otpauth', user_id: 'someone' }, 'user_id'],
  ])('refuses %s', async (_, sent, path) => {
    const { status, body } = await exportAs(alice, sent);
    expect([status, body.code]).toEqual([422, 'invalid_request']);
    expect(body.errors.map((error: { path: string }) => error.path)).toEqual([path]);
  });
});
