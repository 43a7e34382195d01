import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { codeOfCounter, wrongCode } from '../../infra/testing/authenticator.ts';
import { createConfig, createKey, generate, type SharedConfig, validate } from '../../infra/testing/otp-user.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));
let alice: TestUser;
let mallory: TestUser;
let door: SharedConfig;
let off: SharedConfig;
/** What Alice did, the newest first. */
const done: { config_id: number | null; event_type: string; is_success: boolean }[] = [];
const codes: string[] = [];

const did = (config_id: number | null, event_type: string, is_success: boolean) =>
  void done.unshift({ config_id, event_type, is_success });

beforeAll(async () => {
  [alice, mallory] = await Promise.all([seedUser(product), seedUser(product)]);
  door = await createConfig(alice, { otp_type: 'hotp', digits: 8 });
  off = await createConfig(alice, { otp_type: 'hotp' });
  await alice.client.patch(`/otp/configs/${off.id}`, { is_active: false }, { token: alice.token });
  codes.push(codeOfCounter(door.entry, 0), codeOfCounter(door.entry, 1), wrongCode(door.entry, [1]));
  await generate(alice, door.id);
  did(door.id, 'generate', true);
  await validate(alice, door.id, codes[0], {}, { headers: { 'user-agent': 'back-end/1.0' } });
  did(door.id, 'validate_success', true);
  await validate(alice, door.id, codes[2]);
  did(door.id, 'validate_failure', false);
  await generate(alice, off.id);
  did(off.id, 'generate', false);
  await alice.client.post('/otp/bulk/generate', [door.id, off.id, 77], { token: alice.token });
  did(null, 'generate', true);
  await validate(alice, off.id, codes[1]);
  did(off.id, 'validate_failure', false);
});

function recent(query = '', { client, token } = alice) {
  return client.get(`/otp/events/recent${query}`, { token });
}

type Row = (typeof done)[number] & { id: string; timestamp: string };
const told = ({ body }: { body: Row[] }) =>
  body.map(({ config_id, event_type, is_success }) => ({ config_id, event_type, is_success }));
const nextOf = ({ headers }: { headers: Readonly<Record<string, string>> }) =>
  /^<\/otp\/events\/recent(\?[^>]+)>; rel="next"$/.exec(headers['link'] ?? '')?.[1];

describe('GET /otp/events/recent', () => {
  it('answers what was generated and validated, the newest first, and nothing else', async () => {
    const answer = await recent();
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(told(answer)).toEqual(done);
    const times = answer.body.map(({ timestamp }: Row) => timestamp);
    expect(times).toEqual([...times].sort().reverse());
    expect(answer.body.at(-2)).toEqual({
      id: expect.stringMatching(/^[a-z2-7]+$/),
      config_id: door.id,
      event_type: 'validate_success',
      is_success: true,
      ip_address: alice.client.sourceIp,
      user_agent: 'back-end/1.0',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    expect(answer.body[0].user_agent).toBeNull();
    for (const code of codes) expect(answer.text).not.toContain(code);
  });

  it('answers ten where no limit is named, and goes on by the Link until it ends', async () => {
    const bob = await seedUser(product);
    const config = await createConfig(bob);
    for (let count = 0; count < 12; count++) await generate(bob, config.id);
    const first = await recent('', bob);
    expect(first.body).toHaveLength(10);
    const second = await recent(nextOf(first) ?? '', bob);
    expect(second.body).toHaveLength(2);
    expect(nextOf(second)).toBeUndefined();
    expect(new Set([...first.body, ...second.body].map(({ id }: Row) => id)).size).toBe(12);
    expect((await recent('?limit=100', bob)).body).toHaveLength(12);
    const [page, last] = [await recent('?limit=7', bob), await recent('?limit=1', bob)];
    expect([page.body.length, last.body.length]).toEqual([7, 1]);
    // What happens meanwhile moves no row to another page.
    await generate(bob, config.id);
    expect((await recent(nextOf(page) ?? '', bob)).body).toHaveLength(5);
  });

  it('of one configuration answers its own, and what a bulk request came to for it', async () => {
    expect(told(await recent(`?config_id=${door.id}`))).toEqual([
      { config_id: door.id, event_type: 'generate', is_success: true },
      ...done.filter(({ config_id }) => config_id === door.id),
    ]);
    expect(told(await recent(`?config_id=${off.id}`))).toEqual([
      { config_id: off.id, event_type: 'validate_failure', is_success: false },
      { config_id: off.id, event_type: 'generate', is_success: false },
      { config_id: off.id, event_type: 'generate', is_success: false },
    ]);
    expect(told(await recent(`?config_id=${door.id}&limit=2`))).toHaveLength(2);
  });

  it("knows nothing of another user's configurations (SECURITY 23)", async () => {
    expect(await recent('', mallory)).toMatchObject({ status: 200, body: [] });
    expect(await recent(`?config_id=${door.id}`, mallory)).toMatchObject({ status: 200, body: [] });
    const next = nextOf(await recent('?limit=1')) ?? '';
    for (const answer of [
      await recent(next, mallory),
      await recent(`${next}&config_id=1`),
      await recent('?cursor=x'),
    ]) {
      expect(answer).toMatchObject({ status: 400, body: { code: 'malformed_cursor' } });
    }
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=x', 'limit'],
    ['config_id=0', 'config_id'],
    ['config_id=1%23', 'config_id'],
    ['user_id=1', 'user_id'],
    ['cursor=', 'cursor'],
  ])('refuses %s', async (query, field) => {
    const { status, body } = await recent(`?${query}`);
    expect([status, body.code]).toEqual([422, 'invalid_request']);
    expect(body.errors.map((error: { path: string }) => error.path)).toEqual([`query.${field}`]);
  });

  it('is not for API keys', async () => {
    const key = await createKey(alice, product.newClient());
    expect(await recent('', { ...alice, ...key })).toMatchObject({
      status: 403,
      body: { code: 'user_token_required' },
    });
  });
});
