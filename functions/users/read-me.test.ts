import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { createKey } from '../../infra/testing/otp-user.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));
let alice: TestUser;

beforeAll(async () => {
  alice = await seedUser(product);
});

describe('GET /users/me', () => {
  it('answers who one is, and nothing that proves it', async () => {
    const { client, token, username, email, user } = alice;
    const { status, headers, body } = await client.get('/users/me', { token });
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toEqual({ ...user, last_login: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) });
    expect(body).toMatchObject({ username, email, is_admin: false });
  });

  it('takes the same path with a slash at its end', async () => {
    expect((await alice.client.get('/users/me/', { token: alice.token })).status).toBe(200);
  });

  it('is for people who are logged in: not without a token, not with an API key', async () => {
    const nobody = await alice.client.get('/users/me');
    expect(nobody).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
      body: { code: 'authentication_required' },
    });
    const key = await createKey(alice, product.newClient());
    const byKey = await key.client.get('/users/me', { token: key.token });
    expect(byKey).toMatchObject({ status: 403, body: { code: 'user_token_required' } });
  });
});
