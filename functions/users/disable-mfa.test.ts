import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { newMfaUser } from '../../infra/local/testing/mfa-user.ts';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const standard = connect(inject('standard'));
const generous = connect(inject('generous'));
const items = storedItems(generous);

const path = '/users/me/mfa/disable';

function disable({ client, token }: Pick<TestUser, 'client' | 'token'>, headers = {}) {
  return client.post(path, undefined, { token, headers });
}

describe('POST /users/me/mfa/disable', () => {
  it('turns MFA off, destroys secret and recovery codes, and ends the other sessions (SECURITY 20)', async () => {
    const user = await newMfaUser(generous);
    const { client, username, password, recoveryCodes } = user;
    const withCode = await client.post('/token', { username, password, mfa_code: user.code(1) });
    const other = withCode.body.access_token;
    const answer = await disable(user);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ message: 'MFA is off. The other sessions have ended.' });
    expect(await items.partition(`MFA#${user.user.id}`)).toEqual([]);
    expect((await client.get('/users/me', { token: other })).status).toBe(401);
    expect((await client.get('/users/me', { token: user.token })).body.mfa_enabled).toBe(false);
    expect((await items.events(user.user.id))[0]).toMatchObject({ action: 'mfa_disable', status: 'success' });

    // The codes prove nothing any more; the password alone does.
    const { body } = await client.post('/token', { username, password, recovery_code: recoveryCodes[0] });
    expect(body).toMatchObject({ mfa_required: false, access_token: expect.any(String) });
    expect(await disable(user)).toMatchObject({ status: 409, body: { code: 'mfa_not_enabled' } });
  });

  it('needs a fresh session, which after five minutes takes password and code (SECURITY 17)', async () => {
    const user = await newMfaUser(generous);
    await user.pass(11);
    expect(await disable(user)).toMatchObject({ status: 403, body: { code: 'fresh_session_required' } });
    const { client, token, password } = user;
    await client.post('/users/me/step-up', { password }, { token });
    expect(await disable(user)).toMatchObject({ status: 403, body: { code: 'fresh_session_required' } });
    await client.post('/users/me/step-up', { password, mfa_code: user.code(0) }, { token });
    expect((await disable(user)).status).toBe(200);
  });

  it('turns it off once, of many who do it at once', async () => {
    const user = await newMfaUser(generous);
    const answers = await Promise.all(Array.from({ length: 4 }, () => disable(user)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const done = (await items.events(user.user.id)).filter(({ action }) => action === 'mfa_disable');
    expect(done).toHaveLength(1);
  });

  it('answers the same Idempotency-Key with the first answer again', async () => {
    const user = await newMfaUser(generous);
    const headers = { 'idempotency-key': randomUUID() };
    const [first, again] = [await disable(user, headers), await disable(user, headers)];
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.body).toEqual(first.body);
  });

  it('takes ten an hour (SECURITY 10)', async () => {
    const user = await seedUser(standard);
    const first = await disable(user);
    expect(first).toMatchObject({ status: 409, body: { code: 'mfa_not_enabled' } });
    expect(first.headers).toMatchObject({ 'ratelimit-policy': '"mfa";q=10;w=3600', ratelimit: '"mfa";r=9;t=3600' });
    for (let tries = 0; tries < 9; tries++) await disable(user);
    expect(await disable(user)).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
  });
});
