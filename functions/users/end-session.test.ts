import { beforeAll, describe, expect, inject, it } from 'vitest';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { type Answer, connect, type TestUser } from '../../infra/local/testing.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));
const items = storedItems(product);
let alice: TestUser;

beforeAll(async () => {
  alice = await seedUser(product);
});

function end({ client, token }: Pick<TestUser, 'client' | 'token'>, id: string) {
  return client.delete(`/users/me/sessions/${id}`, { token });
}

/** The id of the session that a token is of. */
async function idOf({ client, token }: Pick<TestUser, 'client' | 'token'>): Promise<string> {
  const { body } = await client.get('/users/me/sessions', { token });
  return body.find(({ current }: { current: boolean }) => current).id;
}

describe('DELETE /users/me/sessions/{session_id}', () => {
  it('ends that session, at its next request, and no other (SECURITY 20)', async () => {
    const other = { ...alice, ...(await product.logIn(alice.client, alice)) };
    const id = await idOf(other);
    const answer = await end(alice, id);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ message: 'The session has ended.' });
    expect((await alice.client.get('/users/me', { token: other.token })).status).toBe(401);
    const refreshed = await alice.client.post('/token/refresh', { refresh_token: other.refreshToken });
    expect(refreshed).toMatchObject({ status: 401, body: { code: 'invalid_refresh_token' } });
    expect((await alice.client.get('/users/me', { token: alice.token })).status).toBe(200);
    expect((await items.events(alice.user.id))[0]).toMatchObject({
      action: 'session_end',
      resource: 'session',
      resource_id: id,
      status: 'success',
    });
    expect(await end(alice, id)).toMatchObject({ status: 404, body: { code: 'session_not_found' } });
  });

  it('ends also the one that asks', async () => {
    const other = { ...alice, ...(await product.logIn(alice.client, alice)) };
    expect((await end(other, await idOf(other))).status).toBe(200);
    expect((await alice.client.get('/users/me', { token: other.token })).status).toBe(401);
  });

  it('answers somebody else’s session as one that is not there (SECURITY 23)', async () => {
    const bob = await seedUser(product);
    const foreign = await end(alice, await idOf(bob));
    const absent = await end(alice, 'A'.repeat(43));
    expect(foreign).toMatchObject({ status: 404, body: { code: 'session_not_found' } });
    const comparable = ({ text, requestId, headers }: Answer) => ({
      text: text.replace(requestId, ''),
      names: Object.keys(headers).sort(),
    });
    expect(comparable(foreign)).toEqual(comparable(absent));
    expect((await bob.client.get('/users/me', { token: bob.token })).status).toBe(200);
  });

  it('answers one that ended with the others the same way', async () => {
    const other = { ...alice, ...(await product.logIn(alice.client, alice)) };
    const id = await idOf(other);
    await alice.client.delete('/users/me/sessions', { token: alice.token });
    expect(await end(alice, id)).toMatchObject({ status: 404, body: { code: 'session_not_found' } });
  });

  it('ends it once, of two who do it at once', async () => {
    const other = { ...alice, ...(await product.logIn(alice.client, alice)) };
    const id = await idOf(other);
    const answers = await Promise.all([end(alice, id), end(alice, id)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404]);
  });

  it.each(['short', 'A'.repeat(44), `${'A'.repeat(42)}%23`, `${'A'.repeat(42)}%20`])(
    'refuses %s as the id of a session (SECURITY 25)',
    async (id) => {
      expect(await end(alice, id)).toMatchObject({ status: 422, body: { errors: [{ path: 'params.session_id' }] } });
    },
  );
});
