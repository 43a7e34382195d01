import { describe, expect, inject, it } from 'vitest';
import { connect } from '../../infra/local/testing.ts';

const product = connect(inject('generous'));

describe('GET /users/me', () => {
  it('answers who one is', async () => {
    const { client, token, username, email, user } = await product.newUser();
    const { status, headers, body } = await client.get('/users/me', { token });
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toEqual({ ...user, last_login: expect.any(String) });
    expect(body).toMatchObject({ username, email, is_admin: false });
  });
});
