import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { hashQuickly } from '../../infra/local/testing/hash-quickly.ts';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { seedAdministrator, seedUser } from '../../infra/testing/seeded-user.ts';
import { passwordProblems } from '../../shared/domain/password.ts';

const product = connect(inject('generous'));
const items = storedItems(product);
const better = 'An0ther&better-staple';
let admin: TestUser;
let alice: TestUser;
let bob: TestUser;

beforeAll(async () => {
  [admin, alice, bob] = await Promise.all([seedAdministrator(product), seedUser(product), seedUser(product)]);
});

function reset(id: string, { client, token }: TestUser = admin, headers = {}) {
  return client.post(`/users/${id}/password-reset`, undefined, { token, headers });
}

function logIn({ client, username }: TestUser, password: string) {
  return client.post('/token', { username, password });
}

describe('POST /users/{user_id}/password-reset', () => {
  let temporary: string;

  it('is for administrators alone, about oneself too', async () => {
    expect(await reset(alice.user.id, alice)).toMatchObject({ status: 403, body: { code: 'admin_required' } });
  });

  it('answers a temporary password in the place of the old one, and ends the user’s sessions (SECURITY 20)', async () => {
    const answer = await reset(alice.user.id);
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    temporary = answer.body.temporary_password;
    expect(answer.body).toEqual({ temporary_password: expect.any(String), must_change_password: true });
    expect(passwordProblems(temporary, alice.username)).toEqual([]);
    expect((await alice.client.get('/users/me', { token: alice.token })).status).toBe(401);
    const refreshed = await alice.client.post('/token/refresh', { refresh_token: alice.refreshToken });
    expect(refreshed.status).toBe(401);
    expect((await logIn(alice, alice.password)).status).toBe(401);

    const events = await items.events(admin.user.id);
    expect(events[0]).toMatchObject({
      action: 'password_reset',
      status: 'success',
      resource_id: alice.user.id,
      details: { username: alice.username },
    });
    const written = JSON.stringify([events, await product.logs({ request_id: answer.requestId })]);
    expect(written).not.toContain(temporary);
  });

  it('makes it good for one log-in of many at once, and for nothing but its own change', async () => {
    await hashQuickly(product, { ...alice, password: temporary });
    const answers = await Promise.all(Array.from({ length: 5 }, () => logIn(alice, temporary)));
    const [first, ...others] = answers.sort((a, b) => a.status - b.status);
    expect([first?.status, ...others.map(({ status }) => status)]).toEqual([200, 401, 401, 401, 401]);
    const token = first?.body.access_token;
    const { client } = alice;
    expect((await client.get('/users/me', { token })).body.must_change_password).toBe(true);
    const barred = await client.get('/otp/configs', { token });
    expect(barred).toMatchObject({ status: 403, body: { code: 'password_change_required' } });

    const path = '/users/me/change-password';
    const kept = await client.post(path, { current_password: temporary, new_password: temporary }, { token });
    expect(kept).toMatchObject({ status: 422, body: { errors: [{ path: 'new_password' }] } });
    const changed = await client.post(path, { current_password: temporary, new_password: better }, { token });
    expect(changed.status).toBe(200);
    expect((await client.get('/otp/configs', { token })).status).toBe(200);
    for (const time of [1, 2]) expect([time, (await logIn(alice, better)).status]).toEqual([time, 200]);
  });

  it('makes it no lasting one where an administrator lifts the duty to change it', async () => {
    const { body } = await reset(bob.user.id);
    await admin.client.patch(`/users/${bob.user.id}`, { must_change_password: false }, { token: admin.token });
    expect((await logIn(bob, body.temporary_password)).status).toBe(200);
    expect(await logIn(bob, body.temporary_password)).toMatchObject({
      status: 401,
      body: { code: 'invalid_credentials' },
    });
    const again = await reset(bob.user.id);
    expect((await logIn(bob, again.body.temporary_password)).status).toBe(200);
  });

  it('answers the same Idempotency-Key with the same password, kept sealed', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const [first, again] = [await reset(bob.user.id, admin, headers), await reset(bob.user.id, admin, headers)];
    expect(again).toMatchObject({ status: 200, headers: { 'idempotent-replayed': 'true' } });
    expect(again.body).toEqual(first.body);
    const [kept] = await items.partition(`IDEM#${admin.user.id}`);
    expect(kept).toMatchObject({ sealed: expect.any(Uint8Array) });
    expect(kept?.['body']).toBeUndefined();
    expect((await logIn(bob, first.body.temporary_password)).status).toBe(200);
  });

  it('is 404 for an id that nobody has, 422 for what is no id', async () => {
    expect(await reset('a'.repeat(26))).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
    expect(await reset('somebody')).toMatchObject({ status: 422 });
  });
});
