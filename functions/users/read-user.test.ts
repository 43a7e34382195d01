import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { seedAdministrator, seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));
let admin: TestUser;
let user: TestUser;

beforeAll(async () => {
  [admin, user] = await Promise.all([seedAdministrator(product), seedUser(product)]);
});

function read(id: string, { client, token }: TestUser = admin) {
  return client.get(`/users/${id}`, { token });
}

describe('GET /users/{user_id}', () => {
  it('answers a user with failed log-ins and lock, and nothing that proves who it is', async () => {
    const { status, body } = await read(user.user.id);
    expect(status).toBe(200);
    expect(body).toEqual({
      ...user.user,
      last_login: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      failed_login_attempts: 0,
      account_locked_until: null,
    });
  });

  it('shows failures while their run lasts, and a lock until it has run out', async () => {
    const { username, user: registered } = await seedUser(product);
    const attacker = product.newClient();
    const before = Date.now();
    for (let tries = 0; tries < 5; tries++) await attacker.post('/token', { username });
    const { body } = await read(registered.id);
    expect(body.failed_login_attempts).toBe(5);
    const lockedMs = Date.parse(body.account_locked_until) - before;
    expect(lockedMs).toBeGreaterThanOrEqual(15 * 60_000);
    expect(lockedMs).toBeLessThan(16 * 60_000);
    await admin.client.moveClock(16 * 60_000);
    expect((await read(registered.id)).body).toMatchObject({ failed_login_attempts: 0, account_locked_until: null });
    await admin.client.moveClock(0);
  });

  it('is 404 for an id that nobody has, 422 for what is no id (SECURITY 25)', async () => {
    expect(await read('a'.repeat(26))).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
    for (const id of ['1', 'A'.repeat(26), `${'a'.repeat(25)}%23`, '%20', `${user.user.id}x`]) {
      expect(await read(id)).toMatchObject({ status: 422, body: { errors: [{ path: 'params.user_id' }] } });
    }
  });

  it('is for administrators alone, about oneself too; whether somebody exists is not told (SECURITY 23)', async () => {
    for (const id of [user.user.id, admin.user.id, 'a'.repeat(26)]) {
      expect(await read(id, user)).toMatchObject({ status: 403, body: { code: 'admin_required' } });
    }
  });
});
