import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { seedAdministrator, seedUser } from '../../infra/testing/seeded-user.ts';

// With the limits of the policy: a log-in after the unlock must not wait for its limit either.
const product = connect(inject('standard'));
const items = storedItems(product);
let admin: TestUser;
let user: TestUser;

beforeAll(async () => {
  [admin, user] = await Promise.all([seedAdministrator(product), seedUser(product)]);
});

function unlock(id: string, { client, token }: TestUser = admin, headers = {}) {
  return client.post(`/users/${id}/unlock`, undefined, { token, headers });
}

async function lock({ username }: TestUser): Promise<void> {
  // Nobody's address: the log-in of the test goes on from its own.
  const attacker = product.newClient();
  const item = { pk: `LOGIN#${user.user.id}`, sk: 'GUARD' };
  await items.change(item, { limit_login_used: 0 });
  for (let tries = 0; tries < 5; tries++) await attacker.post('/token', { username });
}

describe('POST /users/{user_id}/unlock', () => {
  it('lets a locked user in at once', async () => {
    const { client, username, password } = user;
    await lock(user);
    expect((await client.post('/token', { username, password })).status).toBe(423);
    const answer = await unlock(user.user.id);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ message: 'The user can log in again.' });
    const seen = await admin.client.get(`/users/${user.user.id}`, { token: admin.token });
    expect(seen.body).toMatchObject({ failed_login_attempts: 0, account_locked_until: null });
    expect((await client.post('/token', { username, password })).status).toBe(200);
    expect((await items.events(admin.user.id))[0]).toMatchObject({
      action: 'user_unlock',
      status: 'success',
      resource_id: user.user.id,
      details: { username },
    });
  });

  it('is all the same for a user who is not locked, and locks nobody out of what was right', async () => {
    expect((await unlock(user.user.id)).status).toBe(200);
    expect((await user.client.get('/users/me', { token: user.token })).status).toBe(200);
  });

  it('answers the same Idempotency-Key again, and unlocks no second time', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await unlock(user.user.id, admin, headers);
    await user.client.post('/token', { username: user.username, password: user.password });
    await lock(user);
    const again = await unlock(user.user.id, admin, headers);
    expect(again).toMatchObject({ status: 200, headers: { 'idempotent-replayed': 'true' } });
    expect(again.body).toEqual(first.body);
    const { client, username, password } = user;
    expect((await client.post('/token', { username, password })).status).toBe(423);
    const other = await unlock(admin.user.id, admin, headers);
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
  });

  it('is 404 for an id that nobody has, 422 for what is no id', async () => {
    expect(await unlock('a'.repeat(26))).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
    expect(await unlock('somebody')).toMatchObject({ status: 422 });
  });

  it('is for administrators alone', async () => {
    expect(await unlock(user.user.id, user)).toMatchObject({ status: 403, body: { code: 'admin_required' } });
  });
});
