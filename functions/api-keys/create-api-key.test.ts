import { beforeAll, describe, expect, inject, it } from 'vitest';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { type Answer, connect, type TestUser } from '../../infra/local/testing.ts';
import { codeAtInstant, codeOfCounter } from '../../infra/testing/authenticator.ts';
import { type Access, createConfig, createKey, generate, tally, validate } from '../../infra/testing/otp-user.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const standard = connect(inject('standard'));
const generous = connect(inject('generous'));
const items = storedItems(generous);

const minute = 60_000;
const hour = 60 * minute;
const ordinary = { name: 'Back end', scopes: ['otp:generate'] };

let alice: TestUser;
let bob: TestUser;

beforeAll(async () => {
  [alice, bob] = await Promise.all([seedUser(generous), seedUser(generous)]);
});

function create(user: Access, body: object, headers: Record<string, string> = {}): Promise<Answer> {
  return user.client.post('/api-keys', body, { token: user.token, headers });
}

const storedKey = async (user: TestUser, id: string) =>
  (await items.partition(`APIKEY#${user.user.id}`)).find(({ sk }) => sk === id);

describe('POST /api-keys', () => {
  it('answers the key, this once', async () => {
    const expires = new Date(Date.now() + 24 * hour).toISOString();
    const config = await createConfig(alice);
    const answer = await create(alice, {
      name: 'Back end',
      scopes: ['otp:generate', 'otp:validate'],
      config_ids: [config.id, config.id],
      expires_at: expires,
    });
    expect(answer).toMatchObject({ status: 201, headers: { 'cache-control': 'no-store' } });
    expect(answer.headers['ratelimit-policy']).toMatch(/^"api_keys";q=\d+;w=\d+$/);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^[a-z2-7]{10}$/),
      name: 'Back end',
      scopes: ['otp:generate', 'otp:validate'],
      config_ids: [config.id],
      expires_at: expires,
      created_at: expect.any(String),
      last_used_at: null,
      key: expect.stringMatching(/^otpk_[a-z2-7]{95}$/),
    });
    const { key, ...rest } = answer.body;
    const listed = await alice.client.get('/api-keys', { token: alice.token });
    expect(listed.body).toContainEqual(rest);
    expect(listed.text).not.toContain(key);
  });

  it('keeps of a key its hash alone (SECURITY 22, 27, 28)', async () => {
    const { body, requestId } = await create(alice, ordinary, { 'idempotency-key': 'kept-once' });
    // 26 characters of owner and 10 of id come before the secret, 7 of checksum after it.
    const secret = body.key.slice('otpk_'.length + 36, -7);
    expect(secret.length * 5).toBeGreaterThanOrEqual(128);
    const stored = JSON.stringify([
      await items.partition(`APIKEY#${alice.user.id}`),
      await items.partition(`EVENT#${alice.user.id}`),
      await items.partition(`IDEM#${alice.user.id}`),
      await generous.logs({ request_id: requestId }),
    ]);
    expect(stored).toContain(body.id);
    expect(stored).not.toContain(secret);
  });

  it('records who made which key for what', async () => {
    const { body } = await create(alice, { ...ordinary, name: 'Recorded' });
    const [event] = await items.events(alice.user.id);
    expect(event).toMatchObject({
      action: 'api_key_create',
      status: 'success',
      resource: 'api_key',
      resource_id: body.id,
      details: { name: 'Recorded', scopes: ['otp:generate'] },
    });
  });

  it.each([
    ['no name', { name: undefined }, 'name'],
    ['an empty name', { name: ' ' }, 'name'],
    ['no scope', { scopes: [] }, 'scopes'],
    ['a scope that there is not', { scopes: ['otp:everything'] }, 'scopes.0'],
    ['a scope twice', { scopes: ['otp:generate', 'otp:generate'] }, 'scopes'],
    ['no configuration at all', { config_ids: [] }, 'config_ids'],
    ['an id that is text', { config_ids: ['1'] }, 'config_ids.0'],
    [
      'more configurations than may be named',
      { config_ids: Array.from({ length: 101 }, (_, at) => at + 1) },
      'config_ids',
    ],
    ['an end that is over', { expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    ['an end that is no instant', { expires_at: 'tomorrow' }, 'expires_at'],
    ['a key of one’s own', { key: 'otpk_x' }, 'key'],
  ])('refuses %s', async (_, fields, path) => {
    const answer = await create(alice, { ...ordinary, ...fields });
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, path]);
  });

  it('takes somebody else’s configuration for one that is not there (SECURITY 23)', async () => {
    const config = await createConfig(alice);
    const [foreign, absent] = [
      await create(bob, { ...ordinary, config_ids: [config.id] }),
      await create(bob, { ...ordinary, config_ids: [999_999_999] }),
    ].map(({ status, text, requestId }) => [status, text.replace(requestId, '')]);
    expect(foreign).toEqual(absent);
    expect(foreign?.[0]).toBe(404);
    expect(foreign?.[1]).toContain('config_not_found');
  });

  it('needs a log-in or step-up in the last five minutes, which a refresh is not (SECURITY 17)', async () => {
    const client = generous.newClient();
    await client.moveClock(5 * minute + 1000);
    const refreshed = await client.post('/token/refresh', { refresh_token: bob.refreshToken });
    for (const token of [bob.token, refreshed.body.access_token]) {
      const answer = await create({ client, token }, ordinary);
      expect([answer.status, answer.body.code]).toEqual([403, 'fresh_session_required']);
    }
    const [event] = await items.events(bob.user.id);
    expect(event).toMatchObject({
      action: 'access_denied',
      status: 'failure',
      details: { operation: 'api-keys/create-api-key', reason: 'fresh_session_required' },
    });
  });

  it('cannot be done with an API key, nor by nobody', async () => {
    const key = await createKey(alice, generous.newClient());
    const byKey = await create(key, ordinary);
    expect([byKey.status, byKey.body.code]).toEqual([403, 'user_token_required']);
    expect((await generous.newClient().post('/api-keys', ordinary)).status).toBe(401);
  });

  it('answers the same key to the same Idempotency-Key, and makes one', async () => {
    const headers = { 'idempotency-key': 'key-1' };
    const first = await create(bob, ordinary, headers);
    const again = await create(bob, ordinary, headers);
    expect(again).toMatchObject({ status: 201, body: first.body, headers: { 'idempotent-replayed': 'true' } });
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    const other = await create(bob, { ...ordinary, name: 'Another' }, headers);
    expect([other.status, other.body.code]).toEqual([409, 'idempotency_key_reused']);
    const parallel = await Promise.all([1, 2, 3].map(() => create(bob, ordinary, { 'idempotency-key': 'key-2' })));
    expect(new Set(parallel.map(({ body }) => body.key)).size).toBe(1);
    expect(await items.partition(`APIKEY#${bob.user.id}`)).toHaveLength(2);
  });

  it('makes one key when the answer of the table is lost (SECURITY 30)', async () => {
    const before = (await items.partition(`APIKEY#${bob.user.id}`)).length;
    const client = generous.newClient();
    const fault = { service: 'dynamodb', operation: 'TransactWriteItems', source_ip: client.sourceIp } as const;
    await generous.fault({ ...fault, kind: 'lost_response' });
    expect((await create({ client, token: bob.token }, ordinary)).status).toBe(201);
    expect(await items.partition(`APIKEY#${bob.user.id}`)).toHaveLength(before + 1);
  });

  it('lets nobody have more than fifty, however many are asked for at once', async () => {
    const { body: before } = await bob.client.get('/api-keys', { token: bob.token });
    for (let made = before.length; made < 45; made += 5) {
      await Promise.all(Array.from({ length: Math.min(5, 45 - made) }, () => create(bob, ordinary)));
    }
    const answers = await Promise.all(Array.from({ length: 12 }, () => create(bob, ordinary)));
    expect(tally(answers, 'code')).toMatchObject({ too_many_api_keys: 7 });
    const { body: keys } = await bob.client.get('/api-keys', { token: bob.token });
    expect(keys).toHaveLength(50);
    await bob.client.delete(`/api-keys/${keys[0].id}`, { token: bob.token });
    expect((await create(bob, ordinary)).status).toBe(201);
    const one = await create(bob, ordinary);
    expect([one.status, one.body.code]).toEqual([409, 'too_many_api_keys']);
  });

  it('lets ten through an hour, deletions among them', async () => {
    const user = await seedUser(standard);
    const answers = [];
    for (let made = 0; made < 9; made++) answers.push(await create(user, ordinary));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 9 }, () => 201));
    const removed = await user.client.delete(`/api-keys/${answers[0]?.body.id}`, { token: user.token });
    expect(removed.headers).toMatchObject({ 'ratelimit-policy': '"api_keys";q=10;w=3600' });
    expect(removed.headers['ratelimit']).toMatch(/^"api_keys";r=0;t=\d+$/);
    const refusal = await create(user, ordinary);
    expect([refusal.status, refusal.body.code]).toEqual([429, 'rate_limited']);
    expect(Number(refusal.headers['retry-after'])).toBeGreaterThan(3500);
  });
});

describe('An API key', () => {
  it('does what its scopes say, and nothing else', async () => {
    const config = await createConfig(alice, { otp_type: 'hotp' });
    const calls: Record<string, (access: Access) => Promise<Answer>> = {
      'otp:generate': (access) => generate(access, config.id),
      'otp:validate': (access) => validate(access, config.id, codeOfCounter(config.entry, 90)),
      'otp:configs:read': ({ client, token }) => client.get(`/otp/configs/${config.id}`, { token }),
    };
    for (const scope of Object.keys(calls)) {
      const key = await createKey(alice, generous.newClient(), { scopes: [scope] });
      for (const [needed, call] of Object.entries(calls)) {
        const answer = await call(key);
        expect([answer.status, answer.body.code]).toEqual(needed === scope ? [200, undefined] : [403, 'scope_missing']);
      }
    }
    const key = await createKey(alice, generous.newClient());
    const { client, token } = key;
    for (const path of [
      '/users/me',
      '/api-keys',
      '/users/me/sessions',
      '/otp/stats',
      '/audit/logs',
      '/system/metrics',
    ]) {
      const answer = await client.get(path, { token });
      expect([answer.status, answer.body.code]).toEqual([403, 'user_token_required']);
    }
    const bulk = await client.post('/otp/bulk/generate', [config.id], { token });
    expect(bulk.body.results).toMatchObject([{ config_id: config.id, success: true }]);
    const made = await client.post('/otp/configs', { name: 'x', otp_type: 'totp' }, { token });
    expect([made.status, made.body.code]).toEqual([403, 'user_token_required']);
  });

  it('knows no configuration but its own: any other is not there (SECURITY 23)', async () => {
    const [mine, other] = [await createConfig(alice), await createConfig(alice)];
    const key = await createKey(alice, generous.newClient(), { config_ids: [mine.id] });
    const { client, token } = key;
    const code = codeAtInstant(other.entry, Date.now());
    for (const answer of [
      await generate(key, other.id),
      await validate(key, other.id, code),
      await client.get(`/otp/configs/${other.id}`, { token }),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([404, 'config_not_found']);
    }
    expect((await generate(key, mine.id)).status).toBe(200);
    const listed = await client.get('/otp/configs', { token });
    expect(listed.body.map(({ id }: { id: number }) => id)).toEqual([mine.id]);
    const bulk = await client.post('/otp/bulk/generate', [other.id, mine.id, 999_999_999], { token });
    const [foreign, own, absent] = bulk.body.results;
    expect(own).toMatchObject({ config_id: mine.id, success: true });
    expect({ ...foreign, config_id: absent.config_id }).toEqual(absent);
  });

  it('is refused by its checksum before anything is read, and by its hash where that is right', async () => {
    const key = await createKey(alice, generous.newClient());
    const ask = (token: string) => key.client.get('/otp/configs', { token });
    const typo = `${key.token.slice(0, 60)}${key.token[60] === 'a' ? 'b' : 'a'}${key.token.slice(61)}`;
    const answer = await ask(typo);
    expect([answer.status, answer.body.code]).toEqual([401, 'authentication_required']);
    expect(
      (await generous.calls(answer.requestId)).calls.filter(({ operation }) => operation === 'BatchGetItem'),
    ).toEqual([]);
    // Two keys of one owner, each with the other's id: right in form and checksum only as they were given out.
    const other = await createKey(alice, key.client);
    await items.change(
      { pk: `APIKEY#${alice.user.id}`, sk: other.id },
      { secret_hash: (await storedKey(alice, key.id))?.['secret_hash'] },
    );
    expect((await ask(other.token)).status).toBe(401);
    expect((await ask(key.token)).status).toBe(200);
    expect((await ask(key.token.toUpperCase())).status).toBe(401);
  });

  it('ends when it expires, and still stands in its owner’s list', async () => {
    const expires_at = new Date(Date.now() + hour).toISOString();
    const key = await createKey(alice, generous.newClient(), { expires_at });
    const ask = () => key.client.get('/otp/configs', { token: key.token });
    await key.client.moveClock(hour - 10_000);
    expect((await ask()).status).toBe(200);
    await key.client.moveClock(hour + 1000);
    const over = await ask();
    expect([over.status, over.body.code]).toEqual([401, 'authentication_required']);
    const { body } = await alice.client.get('/api-keys', { token: alice.token });
    expect(body).toContainEqual(expect.objectContaining({ id: key.id, expires_at }));
  });

  it('lives longer than the session that made it', async () => {
    const key = await createKey(alice, generous.newClient());
    await key.client.moveClock(90 * 24 * hour);
    expect((await key.client.get('/otp/configs', { token: key.token })).status).toBe(200);
  });

  it('notes its use to the hour', async () => {
    const key = await createKey(alice, generous.newClient());
    const usedAt = async () => (await storedKey(alice, key.id))?.['last_used_at'];
    const use = () => key.client.get('/otp/configs', { token: key.token });
    expect(await usedAt()).toBeUndefined();
    await use();
    const first = await usedAt();
    expect(first).toBeGreaterThan(Date.now() - minute);
    await key.client.moveClock(55 * minute);
    await use();
    expect(await usedAt()).toBe(first);
    await key.client.moveClock(hour + minute);
    await use();
    expect(Number(await usedAt()) - Number(first)).toBeGreaterThanOrEqual(hour);
    // A refusal is no use.
    await key.client.moveClock(3 * hour);
    const before = await usedAt();
    expect((await key.client.get('/users/me', { token: key.token })).status).toBe(403);
    expect(await usedAt()).toBe(before);
  });

  it('dies with its owner’s account, and rests while the owner must change the password (SECURITY 20)', async () => {
    const owner = { pk: `USER#${bob.user.id}`, sk: 'PROFILE' };
    await items.change({ pk: `METER#${bob.user.id}`, sk: 'METER' }, { api_keys: 0 });
    const key = await createKey(bob, generous.newClient());
    const ask = () => key.client.get('/otp/configs', { token: key.token });
    await items.change(owner, { must_change_password: true });
    expect((await ask()).body.code).toBe('password_change_required');
    await items.change(owner, { must_change_password: false, is_active: false });
    expect([(await ask()).status, (await ask()).body.code]).toEqual([401, 'authentication_required']);
  });
});
