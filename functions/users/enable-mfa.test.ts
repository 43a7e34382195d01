import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { authenticator, newMfaUser } from '../../infra/local/testing/mfa-user.ts';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';
import { decodeBase32 } from '../../shared/domain/base32.ts';
import { scanQrSvg } from '../../shared/domain/testing/scan-qr-svg.ts';

const standard = connect(inject('standard'));
const generous = connect(inject('generous'));
const items = storedItems(generous);

const path = '/users/me/mfa/enable';
let alice: TestUser;

beforeAll(async () => {
  alice = await seedUser(generous);
});

function enable({ client, token }: TestUser, headers = {}) {
  return client.post(path, undefined, { token, headers });
}

describe('POST /users/me/mfa/enable', () => {
  it('answers a new secret as text, as URI and as a picture of it, and keeps it pending for ten minutes', async () => {
    const before = Date.now();
    const { status, headers, body } = await enable(alice);
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toEqual({
      mfa_uri: expect.any(String),
      mfa_secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
      qr_svg: expect.stringContaining('<svg'),
      expires_at: expect.any(String),
    });
    const uri = new URL(body.mfa_uri);
    expect([uri.protocol, uri.host]).toEqual(['otpauth:', 'totp']);
    expect(decodeURIComponent(uri.pathname.slice(1))).toBe(`OTP Service:${alice.username}`);
    expect(uri.searchParams.get('secret')).toBe(body.mfa_secret);
    expect(uri.searchParams.get('issuer')).toBe('OTP Service');
    expect(scanQrSvg(body.qr_svg)).toBe(body.mfa_uri);
    const pendingMs = Date.parse(body.expires_at) - before;
    expect(pendingMs).toBeGreaterThanOrEqual(600_000);
    expect(pendingMs).toBeLessThan(660_000);
  });

  it('turns nothing on: a log-in needs no code until the secret is verified', async () => {
    const { client, username, password } = alice;
    await enable(alice);
    const { body } = await client.post('/token', { username, password });
    expect(body).toMatchObject({ mfa_required: false, access_token: expect.any(String) });
    expect((await client.get('/users/me', { token: body.access_token })).body.mfa_enabled).toBe(false);
  });

  it('puts a new secret in the place of a pending one', async () => {
    const [first, second] = [await enable(alice), await enable(alice)];
    expect(second.body.mfa_secret).not.toBe(first.body.mfa_secret);
    expect(await items.partition(`MFA#${alice.user.id}`)).toMatchObject([{ sk: 'PENDING' }]);
  });

  it('records the set-up, and writes the secret nowhere in the clear (SECURITY 27, 28)', async () => {
    const answer = await enable(alice, { 'idempotency-key': randomUUID() });
    const events = await items.events(alice.user.id);
    expect(events[0]).toMatchObject({ action: 'mfa_setup', status: 'success', details: {} });
    const secret: string = answer.body.mfa_secret;
    const bytes = Buffer.from(decodeBase32(secret) ?? []);
    const [stored, logs] = [await items.text(), JSON.stringify(await generous.logs({ request_id: answer.requestId }))];
    for (const form of [secret, bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')]) {
      expect(stored.includes(form)).toBe(false);
      expect(logs.includes(form)).toBe(false);
    }
  });

  it('never touches an active secret (SECURITY 16)', async () => {
    const user = await newMfaUser(generous);
    const before = await items.partition(`MFA#${user.user.id}`);
    expect(await enable(user)).toMatchObject({ status: 409, body: { code: 'mfa_already_enabled' } });
    expect(await items.partition(`MFA#${user.user.id}`)).toEqual(before);
    const { client, username, password } = user;
    expect((await client.post('/token', { username, password, mfa_code: user.code(1) })).status).toBe(200);
  });

  it('needs a fresh session: a stolen token alone changes no factor (SECURITY 17)', async () => {
    const user = await seedUser(generous);
    await user.client.moveClock(301_000);
    const refused = await enable(user);
    expect(refused).toMatchObject({ status: 403, body: { code: 'fresh_session_required' } });
    expect(await items.partition(`MFA#${user.user.id}`)).toEqual([]);
    expect((await items.events(user.user.id))[0]).toMatchObject({
      action: 'access_denied',
      status: 'failure',
      details: { operation: 'users/enable-mfa', reason: 'fresh_session_required' },
    });
    await user.client.moveClock(299_000 - 10_000);
    expect((await enable(user)).status).toBe(200);
  });

  it('answers the same Idempotency-Key with the same secret, kept sealed for ten minutes', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const [first, again] = [await enable(alice, headers), await enable(alice, headers)];
    expect(again).toMatchObject({ status: 200, headers: { 'idempotent-replayed': 'true' } });
    expect(again.body).toEqual(first.body);
    const kept = await items.partition(`IDEM#${alice.user.id}`);
    for (const answer of kept) expect(answer).toMatchObject({ sealed: expect.any(Uint8Array) });
    for (const answer of kept) expect(answer['body']).toBeUndefined();
    await alice.client.moveClock(601_000);
    const { token } = await generous.logIn(alice.client, alice);
    const later = await enable({ ...alice, token }, headers);
    await alice.client.moveClock(0);
    expect(later.status).toBe(200);
    expect(later.body.mfa_secret).not.toBe(first.body.mfa_secret);
  });

  it('gives a secret whose code an authenticator and the service agree on', async () => {
    const user = await seedUser(generous);
    const { body } = await enable(user);
    const mfa_code = authenticator(body.mfa_secret)(Date.now());
    expect((await user.client.post('/users/me/mfa/verify', { mfa_code }, { token: user.token })).status).toBe(200);
  });
});

describe('POST /users/me/mfa/enable within its limit', () => {
  it('takes ten an hour, together with verify and disable (SECURITY 10)', async () => {
    const user = await seedUser(standard);
    const { client, token } = user;
    const first = await enable(user);
    expect(first.headers).toMatchObject({ 'ratelimit-policy': '"mfa";q=10;w=3600', ratelimit: '"mfa";r=9;t=3600' });
    for (let tries = 0; tries < 4; tries++)
      await client.post('/users/me/mfa/verify', { mfa_code: '000000' }, { token });
    for (let tries = 0; tries < 5; tries++) await client.post('/users/me/mfa/disable', undefined, { token });
    const refused = await enable(user);
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(3500);
  });
});
