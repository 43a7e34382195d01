import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type RequestOptions, type TestUser } from '../../infra/local/testing.ts';
import { comparableAnswer } from '../../infra/testing/comparable-answer.ts';
import { type Access, createConfig, createKey, generate, tally, validate } from '../../infra/testing/otp-user.ts';
import { openRawTable } from '../../infra/testing/raw-table.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';
import { formsOf, userItems } from '../../infra/testing/user-items.ts';
import { encodeBase32 } from '../../shared/domain/base32.ts';
import { scanQrSvg } from '../../shared/domain/testing/scan-qr-svg.ts';

const product = connect(inject('generous'));
const table = openRawTable(inject('generous'));
let alice: TestUser;
let mallory: TestUser;

beforeAll(async () => {
  [alice, mallory] = await Promise.all([seedUser(product), seedUser(product)]);
});

function reveal(id: number | string, { client, token }: Access = alice, options: RequestOptions = {}) {
  return client.post(`/otp/configs/${id}/reveal`, undefined, { token, ...options });
}

describe('POST /otp/configs/{config_id}/reveal', () => {
  it('answers the secret again, as its creation did', async () => {
    const { id, created } = await createConfig(alice, { issuer: 'Acme', account: 'alice', digits: 8 });
    const { status, headers, body } = await reveal(id);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'cache-control': 'no-store' });
    expect(headers['ratelimit-policy']).toMatch(/^"reveal";q=/);
    const { secret, otpauth_uri, qr_svg } = created;
    expect(body).toEqual({ config_id: id, secret, otpauth_uri, qr_svg });
    expect(scanQrSvg(body.qr_svg)).toBe(otpauth_uri);
  });

  it('says how it is now: the names, and the counter of HOTP', async () => {
    const { id } = await createConfig(alice, { otp_type: 'hotp', issuer: 'Old', account: 'alice' });
    await alice.client.patch(`/otp/configs/${id}`, { issuer: 'New' }, { token: alice.token });
    await generate(alice, id, { counter_increment: true });
    expect((await reveal(id)).body.otpauth_uri).toMatch(/^otpauth:\/\/hotp\/New:alice\?.*issuer=New.*&counter=1$/);
  });

  it('needs a log-in or step-up of the last five minutes (SECURITY 17)', async () => {
    const { id, created } = await createConfig(alice);
    const client = product.newClient();
    const late = { client, token: alice.token };
    await client.moveClock(301_000);
    const stale = await reveal(id, late);
    expect(stale).toMatchObject({ status: 403, body: { code: 'fresh_session_required' } });
    expect(stale.text).not.toContain(created.secret);
    const denied = (await userItems(table, alice).events('access_denied')).at(-1);
    expect(denied).toMatchObject({
      status: 'failure',
      details: { operation: 'otp/reveal-config', reason: 'fresh_session_required' },
    });
    const wrong = await client.post('/users/me/step-up', { password: 'Wr0ng-password!' }, { token: alice.token });
    expect(wrong.status).toBe(403);
    expect((await reveal(id, late)).status).toBe(403);
    const right = await client.post('/users/me/step-up', { password: alice.password }, { token: alice.token });
    expect(right.status).toBe(200);
    expect((await reveal(id, late)).body.secret).toBe(created.secret);
  });

  it('is not for API keys, whatever their scopes (SECURITY 17)', async () => {
    const { id } = await createConfig(mallory);
    const key = await createKey(mallory, product.newClient());
    expect(await reveal(id, key)).toMatchObject({ status: 403, body: { code: 'user_token_required' } });
  });

  it("answers another user's configuration as one that is not there (SECURITY 23)", async () => {
    const bob = await seedUser(product);
    for (let count = 0; count < 3; count++) await createConfig(bob);
    const [foreign, absent] = [await reveal(3, mallory), await reveal(999_999_999, mallory)];
    expect(foreign).toMatchObject({ status: 404, body: { code: 'config_not_found' } });
    expect(comparableAnswer(foreign)).toEqual(comparableAnswer(absent));
    expect(await reveal('x', mallory)).toMatchObject({ status: 422, body: { errors: [{ path: 'params.config_id' }] } });
  });

  it('is one event each time, without the secret; nothing of it is in a log (SECURITY 28)', async () => {
    const user = await seedUser(product);
    const { id, entry } = await createConfig(user);
    const headers = { 'idempotency-key': 'reveal-once' };
    const { requestId } = await reveal(id, user, { headers });
    await reveal(id, user);
    const events = await userItems(table, user).events('config_reveal');
    expect(events.map(({ resource_id, status }) => [resource_id, status])).toEqual([
      [String(id), 'success'],
      [String(id), 'success'],
    ]);
    const again = await reveal(id, user, { headers });
    expect(again).toMatchObject({ status: 200, headers: { 'idempotent-replayed': 'true' } });
    expect(await userItems(table, user).events('config_reveal')).toHaveLength(2);
    // The kept answer too is sealed (SECURITY 27).
    const written =
      (await userItems(table, user).text()) + JSON.stringify(await product.logs({ request_id: requestId }));
    for (const form of [encodeBase32(entry.secret), ...formsOf(entry.secret)]) expect(written).not.toContain(form);
    // Who is fresh no more gets the kept answer no more.
    const client = product.newClient();
    await client.moveClock(301_000);
    expect((await reveal(id, { client, token: user.token }, { headers })).body.code).toBe('fresh_session_required');
  });
});

describe('a sealed secret (SECURITY 27)', () => {
  const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

  async function sealedOf(id: number): Promise<Uint8Array> {
    const sealed = (await userItems(table, mallory).secret(id))?.['sealed'];
    if (!(sealed instanceof Uint8Array)) throw new Error('There is no sealed secret.');
    return sealed;
  }

  it.each([
    ['a flipped bit of the text', (sealed: Uint8Array) => flipped(sealed, 40)],
    ['a flipped bit of the tag', (sealed: Uint8Array) => flipped(sealed, sealed.length - 1)],
    ['a flipped bit of the salt', (sealed: Uint8Array) => flipped(sealed, 6)],
    ['another format', (sealed: Uint8Array) => flipped(sealed, 0)],
    ['another key version', (sealed: Uint8Array) => flipped(sealed, 4)],
    ['its end missing', (sealed: Uint8Array) => sealed.slice(0, -1)],
    ['nothing left', () => new Uint8Array([1])],
  ])('with %s does not open, and no other is the worse for it', async (_, damage) => {
    const [broken, whole] = [await createConfig(mallory), await createConfig(mallory)];
    await userItems(table, mallory).setSealed(broken.id, damage(await sealedOf(broken.id)));
    const answer = await reveal(broken.id, mallory);
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal_error' } });
    expect(await generate(mallory, broken.id)).toMatchObject({ status: 500, body: { code: 'internal_error' } });
    expect(await validate(mallory, broken.id, '000000')).toMatchObject({ status: 500 });
    expect(await userItems(table, mallory).config(broken.id)).toMatchObject({ failures: 0 });
    const lines = await product.logs({ request_id: answer.requestId });
    expect(lines.some(({ text }) => text.includes('UNSEAL_FAILED'))).toBe(true);
    expect((await reveal(whole.id, mallory)).body.secret).toBe(whole.created.secret);
  });

  it('does not open in the place of another, nor with other parameters', async () => {
    const [one, two] = [await createConfig(mallory), await createConfig(mallory)];
    const items = userItems(table, mallory);
    const [first, second] = [await sealedOf(one.id), await sealedOf(two.id)];
    await items.setSealed(one.id, second);
    await items.setSealed(two.id, first);
    for (const { id } of [one, two]) expect((await reveal(id, mallory)).status).toBe(500);
    await items.setSealed(one.id, first);
    expect((await reveal(one.id, mallory)).status).toBe(200);
    for (const [attribute, value] of [
      ['digits', 8],
      ['algorithm', 'sha256'],
      ['interval', 60],
    ] as const) {
      await items.setConfig(one.id, attribute, value);
      expect((await reveal(one.id, mallory)).status).toBe(500);
      await items.setConfig(one.id, attribute, { digits: 6, algorithm: 'sha1', interval: 30 }[attribute]);
    }
    expect((await reveal(one.id, mallory)).status).toBe(200);
  });

  it('of another user does not open', async () => {
    const bob = await seedUser(product);
    const [hers, his] = [await createConfig(mallory), await createConfig(bob)];
    await userItems(table, bob).setSealed(his.id, await sealedOf(hers.id));
    expect((await reveal(his.id, bob)).status).toBe(500);
  });
});

describe('POST /otp/configs/{config_id}/reveal with the limits of the policy', () => {
  it('shares ten an hour with unlock', async () => {
    const user = await seedUser(connect(inject('standard')));
    const unlock = () => user.client.post('/otp/configs/1/unlock', undefined, { token: user.token });
    const answers = [];
    for (let time = 0; time < 6; time++) answers.push(await reveal(1, user), await unlock());
    expect(tally(answers, 'code')).toEqual({ config_not_found: 10, rate_limited: 2 });
    for (const { headers } of answers) expect(headers['ratelimit-policy']).toBe('"reveal";q=10;w=3600');
  });
});
