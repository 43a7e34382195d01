import { beforeAll, describe, expect, inject, it } from 'vitest';
import { hashQuickly } from '../../infra/local/testing/hash-quickly.ts';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { seedAdministrator, seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));
const items = storedItems(product);
let admin: TestUser;
let user: TestUser;

beforeAll(async () => {
  [admin, user] = await Promise.all([seedAdministrator(product), seedUser(product)]);
  await Promise.all([hashQuickly(product, admin), hashQuickly(product, user)]);
});

function endAll(id: string, { client, token }: TestUser = admin) {
  return client.delete(`/users/${id}/sessions`, { token });
}

describe('DELETE /users/{user_id}/sessions', () => {
  it('is for administrators alone', async () => {
    expect(await endAll(user.user.id, user)).toMatchObject({ status: 403, body: { code: 'admin_required' } });
  });

  it('ends all sessions of a user at their next request; a new log-in works (SECURITY 20)', async () => {
    const { client } = user;
    const second = await product.logIn(client, user);
    const { status, body } = await endAll(user.user.id);
    expect(status).toBe(200);
    expect(body).toEqual({ message: 'The sessions have ended.', ended: 2 });
    for (const { token, refreshToken } of [user, second]) {
      expect((await client.get('/users/me', { token })).status).toBe(401);
      expect((await client.post('/token/refresh', { refresh_token: refreshToken })).status).toBe(401);
    }
    const event = (await items.events(admin.user.id)).find(({ resource_id }) => resource_id === user.user.id);
    expect(event).toMatchObject({
      action: 'session_end',
      status: 'success',
      details: { username: user.username, ended: 2 },
    });
    const { token } = await product.logIn(client, user);
    expect((await client.get('/users/me/sessions', { token })).body).toHaveLength(1);
    expect((await endAll(user.user.id)).body.ended).toBe(1);
    expect((await endAll(user.user.id)).body.ended).toBe(0);
  });

  it('ends also those of whoever asks', async () => {
    const other = { ...admin, ...(await product.logIn(admin.client, admin)) };
    expect((await endAll(admin.user.id, other)).status).toBe(200);
    expect((await admin.client.get('/users/me', { token: other.token })).status).toBe(401);
    admin = { ...admin, ...(await product.logIn(admin.client, admin)) };
  });

  it('is 404 for an id that nobody has, 422 for what is no id', async () => {
    expect(await endAll('a'.repeat(26))).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
    expect(await endAll('somebody')).toMatchObject({ status: 422 });
  });
});
