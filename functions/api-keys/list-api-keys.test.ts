import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { createConfig, createKey } from '../../infra/testing/otp-user.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));
let alice: TestUser;
let bob: TestUser;

beforeAll(async () => {
  [alice, bob] = await Promise.all([seedUser(product), seedUser(product)]);
});

describe('GET /api-keys', () => {
  it('answers one’s keys, the oldest first, without the keys', async () => {
    const config = await createConfig(alice);
    const used = await createKey(alice, product.newClient(), { name: 'Used', config_ids: [config.id] });
    await used.client.get('/otp/configs', { token: used.token });
    const unused = await createKey(alice, alice.client, { name: 'Unused', scopes: ['otp:validate'] });
    await createKey(bob, bob.client);

    const { status, headers, body, text } = await alice.client.get('/api-keys/', { token: alice.token });
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    const common = { expires_at: null, created_at: expect.any(String) };
    expect(body).toEqual([
      {
        ...common,
        id: used.id,
        name: 'Used',
        scopes: ['otp:generate', 'otp:validate', 'otp:configs:read'],
        config_ids: [config.id],
        last_used_at: expect.any(String),
      },
      { ...common, id: unused.id, name: 'Unused', scopes: ['otp:validate'], config_ids: null, last_used_at: null },
    ]);
    for (const secret of [used.token, unused.token]) expect(text).not.toContain(secret.slice(41, -7));
  });

  it('reads twice and writes nothing', async () => {
    const { requestId } = await alice.client.get('/api-keys', { token: alice.token });
    const { calls, kms } = await product.calls(requestId);
    expect(kms).toBe(0);
    expect(calls.map(({ operation }) => operation)).not.toContain('TransactWriteItems');
  });

  it('is for people: not for keys, and not for nobody', async () => {
    const key = await createKey(bob, bob.client);
    const byKey = await key.client.get('/api-keys', { token: key.token });
    expect([byKey.status, byKey.body.code]).toEqual([403, 'user_token_required']);
    const byNobody = await product.newClient().get('/api-keys');
    expect([byNobody.status, byNobody.headers['www-authenticate']]).toEqual([401, 'Bearer']);
  });
});
