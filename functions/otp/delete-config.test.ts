import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { codeOfCounter, wrongCode } from '../../infra/testing/authenticator.ts';
import { comparableAnswer } from '../../infra/testing/comparable-answer.ts';
import { createConfig, createKey, generate, tally, validate } from '../../infra/testing/otp-user.ts';
import { openRawTable } from '../../infra/testing/raw-table.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';
import { userItems } from '../../infra/testing/user-items.ts';

const product = connect(inject('generous'));
const table = openRawTable(inject('generous'));
let alice: TestUser;
let mallory: TestUser;

beforeAll(async () => {
  [alice, mallory] = await Promise.all([seedUser(product), seedUser(product)]);
});

function remove(id: number | string, { client, token } = alice) {
  return client.delete(`/otp/configs/${id}`, { token });
}

describe('DELETE /otp/configs/{config_id}', () => {
  it('answers that it is gone; its secret is destroyed at once', async () => {
    const { id } = await createConfig(alice);
    const items = userItems(table, alice);
    expect(await items.secret(id)).toMatchObject({ id, sealed: expect.any(Uint8Array) });
    const { status, headers, body } = await remove(id);
    expect(status).toBe(200);
    expect(body).toEqual({ message: 'The configuration and its secret are deleted.' });
    expect(headers['ratelimit-policy']).toMatch(/^"config_change";q=/);
    expect([await items.config(id), await items.secret(id)]).toEqual([undefined, undefined]);
  });

  it('leaves nothing to be done with it', async () => {
    const { id } = await createConfig(alice, { otp_type: 'hotp' });
    await remove(id);
    const { client, token } = alice;
    const path = `/otp/configs/${id}`;
    const after = await Promise.all([
      remove(id),
      client.get(path, { token }),
      client.patch(path, { name: 'New' }, { token }),
      client.post(`${path}/reveal`, undefined, { token }),
      client.post(`${path}/unlock`, undefined, { token }),
      client.post(`${path}/resync`, { code1: '000000', code2: '000001' }, { token }),
      generate(alice, id),
      validate(alice, id, '000000'),
      client.post('/otp/export', { format: 'otpauth', config_ids: [id] }, { token }),
    ]);
    expect(tally(after, 'code')).toEqual({ config_not_found: after.length });
    const bulk = await client.post('/otp/bulk/generate', [id], { token });
    expect(bulk.body.results).toEqual([{ config_id: id, success: false, error: 'config_not_found' }]);
    expect((await client.get('/otp/configs', { token })).body).toEqual([]);
  });

  it('takes it out of the statistics, once, of ten at once', async () => {
    const bob = await seedUser(product);
    await createConfig(bob, { otp_type: 'hotp', algorithm: 'sha512' });
    const { id } = await createConfig(bob, { algorithm: 'sha256' });
    const inactive = await createConfig(bob, { algorithm: 'sha256' });
    await bob.client.patch(`/otp/configs/${inactive.id}`, { is_active: false }, { token: bob.token });
    const answers = await Promise.all(Array.from({ length: 10 }, () => remove(id, bob)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => ![200, 404, 503].includes(status))).toEqual([]);
    const meter = userItems(table, bob).meter;
    expect(await meter()).toMatchObject({ configs: 2, active: 1, totp: 1, hotp: 1, sha256: 1, sha512: 1 });
    await remove(inactive.id, bob);
    expect(await meter()).toMatchObject({ configs: 1, active: 1, totp: 0, hotp: 1, sha256: 0, sha512: 1 });
    expect((await userItems(table, bob).events('config_delete')).length).toBe(2);
  });

  it("answers another user's configuration as one that is not there, and leaves it (SECURITY 23)", async () => {
    const { id } = await createConfig(alice);
    const [foreign, absent] = [await remove(id, mallory), await remove(999_999_999, mallory)];
    expect(foreign).toMatchObject({ status: 404, body: { code: 'config_not_found' } });
    expect(comparableAnswer(foreign)).toEqual(comparableAnswer(absent));
    expect(await userItems(table, alice).secret(id)).toBeDefined();
    expect(await remove('1%23')).toMatchObject({ status: 422, body: { errors: [{ path: 'params.config_id' }] } });
  });

  it('is not for API keys', async () => {
    const { id } = await createConfig(alice);
    const key = await createKey(alice, product.newClient());
    expect(await remove(id, { ...alice, ...key })).toMatchObject({
      status: 403,
      body: { code: 'user_token_required' },
    });
    expect(await userItems(table, alice).config(id)).toBeDefined();
  });

  it('resurrects nothing, whatever else is done with it at that moment (SECURITY 30)', async () => {
    const { client, token } = alice;
    for (let round = 0; round < 5; round++) {
      const { id, entry } = await createConfig(alice, { otp_type: 'hotp', digits: 8 });
      const path = `/otp/configs/${id}`;
      const codes = { code1: codeOfCounter(entry, 50), code2: codeOfCounter(entry, 51) };
      const [deleted, ...others] = await Promise.all([
        remove(id),
        ...Array.from({ length: 3 }, (_, counter) => validate(alice, id, codeOfCounter(entry, counter))),
        ...Array.from({ length: 3 }, () => validate(alice, id, wrongCode(entry, [0]))),
        ...Array.from({ length: 3 }, () => generate(alice, id, { counter_increment: true })),
        client.post(`${path}/resync`, codes, { token }),
        client.post(`${path}/unlock`, undefined, { token }),
        client.patch(path, { name: 'Late' }, { token }),
      ]);
      expect(deleted.status).toBe(200);
      // The codes of a resynchronisation may be behind what was accepted just before.
      expect(others.filter(({ status }) => ![200, 404, 409, 503].includes(status))).toEqual([]);
      const items = userItems(table, alice);
      expect([await items.config(id), await items.secret(id)]).toEqual([undefined, undefined]);
    }
  });

  it('deletes once when the answer of the table is lost, and neither half while it cannot write (SECURITY 30)', async () => {
    const { id } = await createConfig(alice);
    const items = userItems(table, alice);
    const client = product.newClient();
    const fault = { service: 'dynamodb', operation: 'TransactWriteItems', source_ip: client.sourceIp } as const;
    const broken = await product.fault({ ...fault, kind: 'error', code: 'InternalServerError', times: 'forever' });
    expect(await remove(id, { ...alice, client })).toMatchObject({ status: 503, body: { code: 'try_again' } });
    await broken.clear();
    expect([await items.config(id), await items.secret(id)]).toEqual([expect.anything(), expect.anything()]);
    const before = Number((await items.meter())['configs']);
    await product.fault({ ...fault, kind: 'lost_response' });
    expect((await remove(id, { ...alice, client })).status).toBe(200);
    expect(await items.meter()).toMatchObject({ configs: before - 1 });
  });

  it('is one event that still knows the name', async () => {
    const { id } = await createConfig(alice, { name: 'Gone' });
    await remove(id);
    const [event] = (await userItems(table, alice).events('config_delete')).slice(-1);
    expect(event).toMatchObject({ resource_id: String(id), status: 'success', details: { name: 'Gone' } });
  });
});
