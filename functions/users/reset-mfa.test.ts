import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type MfaUser, newMfaUser } from '../../infra/local/testing/mfa-user.ts';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { seedAdministrator } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));
const items = storedItems(product);
let admin: TestUser;
let user: MfaUser;

beforeAll(async () => {
  [admin, user] = await Promise.all([seedAdministrator(product), newMfaUser(product)]);
});

function reset(id: string, { client, token }: TestUser = admin, headers = {}) {
  return client.post(`/users/${id}/mfa-reset`, undefined, { token, headers });
}

describe('POST /users/{user_id}/mfa-reset', () => {
  it('is for administrators alone', async () => {
    expect(await reset(user.user.id, user)).toMatchObject({ status: 403, body: { code: 'admin_required' } });
    expect((await user.client.get('/users/me', { token: user.token })).body.mfa_enabled).toBe(true);
  });

  it('turns MFA off and ends the user’s sessions; the password alone lets in (SECURITY 20)', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const answer = await reset(user.user.id, admin, headers);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ message: 'MFA is off. The user can set it up again.' });
    expect(await items.partition(`MFA#${user.user.id}`)).toEqual([]);
    expect((await user.client.get('/users/me', { token: user.token })).status).toBe(401);
    expect((await items.events(admin.user.id))[0]).toMatchObject({
      action: 'mfa_reset',
      status: 'success',
      resource_id: user.user.id,
      details: { username: user.username },
    });
    const { token } = await product.logIn(user.client, user);
    const me = await user.client.get('/users/me', { token });
    expect(me.body).toMatchObject({ mfa_enabled: false, must_change_password: false });

    const again = await reset(user.user.id, admin, headers);
    expect(again).toMatchObject({ status: 200, body: answer.body, headers: { 'idempotent-replayed': 'true' } });
    // Answered, and not done: the new session lives.
    expect((await user.client.get('/users/me', { token })).status).toBe(200);
    expect(await reset(user.user.id)).toMatchObject({ status: 409, body: { code: 'mfa_not_enabled' } });
  });

  it('is 404 for an id that nobody has, 422 for what is no id', async () => {
    expect(await reset('a'.repeat(26))).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
    expect(await reset('somebody')).toMatchObject({ status: 422 });
  });
});
