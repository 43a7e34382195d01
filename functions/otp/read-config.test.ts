import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type TestUser } from '../../infra/local/testing.ts';

const product = connect(inject('generous'));
let alice: TestUser;

beforeAll(async () => {
  alice = await product.newUser();
});

describe('GET /otp/configs/{config_id}', () => {
  it('answers all of a configuration but its secret', async () => {
    const created = await alice.client.post(
      '/otp/configs',
      { name: 'VPN', otp_type: 'totp', issuer: 'Acme' },
      { token: alice.token },
    );
    expect(created.status).toBe(201);
    const read = await alice.client.get(`/otp/configs/${created.body.id}`, { token: alice.token });
    console.log(read);
    expect(read.status).toBe(200);
  });
});
