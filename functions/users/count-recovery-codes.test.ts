import { describe, expect, inject, it } from 'vitest';
import { newMfaUser } from '../../infra/local/testing/mfa-user.ts';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));

function count({ client, token }: TestUser) {
  return client.get('/users/me/mfa/recovery-codes', { token });
}

describe('GET /users/me/mfa/recovery-codes', () => {
  it('tells how many are left, and none of them', async () => {
    const user = await newMfaUser(product);
    const { client, username, password, recoveryCodes } = user;
    const before = await count(user);
    expect(before).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(before.body).toEqual({ remaining: 10 });
    await client.post('/token', { username, password, recovery_code: recoveryCodes[0] });
    expect((await count(user)).body).toEqual({ remaining: 9 });
    await client.post('/token', { username, password, recovery_code: recoveryCodes[0] });
    expect((await count(user)).body).toEqual({ remaining: 9 });

    // A session that is no longer fresh is not told (SECURITY 17).
    await user.pass(11);
    expect(await count(user)).toMatchObject({ status: 403, body: { code: 'fresh_session_required' } });
  });

  it('is refused where MFA is off', async () => {
    const user = await seedUser(product);
    expect(await count(user)).toMatchObject({ status: 409, body: { code: 'mfa_not_enabled' } });
  });
});
