import { beforeAll, describe, expect, inject, it } from 'vitest';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { type Answer, connect, type TestUser } from '../../infra/local/testing.ts';
import { createKey, tally } from '../../infra/testing/otp-user.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));
const items = storedItems(product);
let alice: TestUser;
let mallory: TestUser;

beforeAll(async () => {
  [alice, mallory] = await Promise.all([seedUser(product), seedUser(product)]);
});

function remove({ client, token }: TestUser, id: string): Promise<Answer> {
  return client.delete(`/api-keys/${id}`, { token });
}

const keyCount = async () => (await items.partition(`METER#${alice.user.id}`))[0]?.['api_keys'];

describe('DELETE /api-keys/{key_id}', () => {
  it('ends the key at once', async () => {
    const key = await createKey(alice, product.newClient(), { name: 'Old' });
    const ask = () => key.client.get('/otp/configs', { token: key.token });
    expect((await ask()).status).toBe(200);
    const answer = await remove(alice, key.id);
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(answer.body).toEqual({ message: 'The key is deleted and works no more.' });
    expect([(await ask()).status, (await ask()).body.code]).toEqual([401, 'authentication_required']);
    expect((await alice.client.get('/api-keys', { token: alice.token })).body).toEqual([]);
    const [event] = await items.events(alice.user.id);
    expect(event).toMatchObject({
      action: 'api_key_delete',
      status: 'success',
      resource_id: key.id,
      details: { name: 'Old' },
    });
  });

  it('needs no fresh session: who fears for a key can end it', async () => {
    const key = await createKey(alice, alice.client);
    const client = product.newClient();
    await client.moveClock(10 * 60_000);
    expect((await client.delete(`/api-keys/${key.id}`, { token: alice.token })).status).toBe(200);
  });

  it('takes somebody else’s key for one that is not there (SECURITY 23)', async () => {
    const key = await createKey(alice, alice.client);
    const [foreign, absent] = [await remove(mallory, key.id), await remove(mallory, 'a'.repeat(10))].map(
      ({ status, text, requestId, headers }) => [status, text.replace(requestId, ''), Object.keys(headers).sort()],
    );
    expect(foreign).toEqual(absent);
    expect(foreign?.[0]).toBe(404);
    expect(foreign?.[1]).toContain('api_key_not_found');
    expect((await alice.client.get('/otp/configs', { token: key.token })).status).toBe(200);
  });

  it.each(['short', 'A'.repeat(10), 'a'.repeat(11), 'abc%23defghi', '1234567890'])(
    'refuses %s as an id',
    async (id) => {
      const answer = await remove(alice, id);
      expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, 'params.key_id']);
    },
  );

  it('cannot be done by the key itself', async () => {
    const key = await createKey(alice, alice.client);
    const answer = await key.client.delete(`/api-keys/${key.id}`, { token: key.token });
    expect([answer.status, answer.body.code]).toEqual([403, 'user_token_required']);
  });

  it('deletes once when many ask for it at once, and makes room for one', async () => {
    const key = await createKey(alice, alice.client);
    const before = Number(await keyCount());
    const answers = await Promise.all(Array.from({ length: 8 }, () => remove(alice, key.id)));
    expect(tally(answers, 'code')).toEqual({ 200: 1, api_key_not_found: 7 });
    expect(await keyCount()).toBe(before - 1);
  });

  it('is a 503 when the table takes no write, and the key works on (SECURITY 30)', async () => {
    const key = await createKey(alice, alice.client);
    const client = product.newClient();
    const fault = { service: 'dynamodb', operation: 'TransactWriteItems', source_ip: client.sourceIp } as const;
    const { clear } = await product.fault({ ...fault, kind: 'error', code: 'InternalServerError', times: 'forever' });
    const failed = await client.delete(`/api-keys/${key.id}`, { token: alice.token });
    await clear();
    expect([failed.status, failed.body.code]).toEqual([503, 'try_again']);
    expect((await alice.client.get('/otp/configs', { token: key.token })).status).toBe(200);
    await product.fault({ ...fault, kind: 'lost_response' });
    expect((await client.delete(`/api-keys/${key.id}`, { token: alice.token })).status).toBe(200);
  });
});
