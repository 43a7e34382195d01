import { beforeAll, describe, expect, inject, it } from 'vitest';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { createKey } from '../../infra/testing/otp-user.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));
const items = storedItems(product);
let alice: TestUser;

beforeAll(async () => {
  alice = await seedUser(product);
});

function endOthers({ client, token }: TestUser) {
  return client.delete('/users/me/sessions', { token });
}

describe('DELETE /users/me/sessions', () => {
  it('ends every session but the one that asks, at the next request (SECURITY 20)', async () => {
    const { client, token } = alice;
    const key = await createKey(alice, product.newClient());
    const others = [await product.logIn(client, alice), await product.logIn(client, alice)];
    const { status, body } = await endOthers(alice);
    expect(status).toBe(200);
    expect(body).toEqual({ message: 'The other sessions have ended.', ended: 2 });
    for (const other of others) {
      expect((await client.get('/users/me', { token: other.token })).status).toBe(401);
      const refreshed = await client.post('/token/refresh', { refresh_token: other.refreshToken });
      expect(refreshed).toMatchObject({ status: 401, body: { code: 'invalid_refresh_token' } });
    }
    expect((await client.get('/users/me', { token })).status).toBe(200);
    expect((await client.get('/users/me/sessions', { token })).body).toHaveLength(1);
    expect((await key.client.get('/otp/configs', { token: key.token })).status).toBe(200);
    expect((await items.events(alice.user.id))[0]).toMatchObject({
      action: 'session_end',
      status: 'success',
      details: { ended: 2 },
    });
  });

  it('keeps the session alive as a whole: it can still be refreshed', async () => {
    const user = { ...alice, ...(await product.logIn(alice.client, alice)) };
    await endOthers(user);
    const refreshed = await user.client.post('/token/refresh', { refresh_token: user.refreshToken });
    expect(refreshed.status).toBe(200);
    alice = { ...alice, token: refreshed.body.access_token };
  });

  it('ends none where there is no other, and counts none that is over', async () => {
    expect((await endOthers(alice)).body.ended).toBe(0);
    const other = await product.logIn(alice.client, alice);
    await alice.client.post('/token/revoke', { token: other.token });
    expect((await endOthers(alice)).body.ended).toBe(0);
  });

  it('leaves one of two who end each other at once', async () => {
    const other = { ...alice, ...(await product.logIn(alice.client, alice)) };
    const answers = await Promise.all([endOthers(alice), endOthers(other)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
  });
});
