import { beforeAll, describe, expect, inject, it } from 'vitest';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { type Answer, connect, type TestUser } from '../../infra/local/testing.ts';
import { createKey } from '../../infra/testing/otp-user.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const standard = connect(inject('standard'));
const generous = connect(inject('generous'));
const items = storedItems(generous);

let alice: TestUser;

beforeAll(async () => {
  alice = await seedUser(generous);
});

type Session = Pick<TestUser, 'client' | 'token' | 'refreshToken'>;

async function logIn(): Promise<Session> {
  const client = generous.newClient();
  const { username, password } = alice;
  return { client, ...(await generous.logIn(client, { username, password })) };
}

function revoke({ client }: Pick<Session, 'client'>, token: string, more: object = {}): Promise<Answer> {
  return client.post('/token/revoke', { token, ...more });
}

async function statusOf({ client, token }: Session): Promise<number> {
  return (await client.get('/users/me', { token })).status;
}

const ended = { message: 'The session has ended.' };

describe('POST /token/revoke', () => {
  it('ends the session of a refresh token, and no other (SECURITY 20)', async () => {
    const session = await logIn();
    const answer = await revoke(session, session.refreshToken, { token_type_hint: 'refresh_token' });
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(answer.body).toEqual(ended);
    expect(await statusOf(session)).toBe(401);
    expect(await statusOf(alice)).toBe(200);
    const [event] = await items.events(alice.user.id);
    expect(event).toMatchObject({
      action: 'logout',
      status: 'success',
      resource: 'session',
      user_id: alice.user.id,
      username: alice.username,
      ip_address: session.client.sourceIp,
    });
  });

  it('ends the session of an access token, as a form too', async () => {
    const session = await logIn();
    const form = new URLSearchParams({ token: session.token, token_type_hint: 'access_token' }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await session.client.post('/token/revoke', form, { headers })).body).toEqual(ended);
    expect(await statusOf(session)).toBe(401);
    const refreshed = await session.client.post('/token/refresh', { refresh_token: session.refreshToken });
    expect(refreshed.body.code).toBe('invalid_refresh_token');
  });

  it('answers a token that is none, or none any more, the same way and ends nothing (RFC 7009 §2.2)', async () => {
    const session = await logIn();
    const { token: key } = await createKey(alice, alice.client);
    await revoke(session, session.refreshToken);
    const events = (await items.events(alice.user.id)).length;
    const [header, payload, signature = ''] = alice.token.split('.');
    const forged = [header, payload, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.');
    for (const token of [session.refreshToken, session.token, 'nothing', key, forged]) {
      const answer = await revoke(session, token);
      expect([answer.status, answer.body]).toEqual([200, ended]);
    }
    expect(await statusOf(alice)).toBe(200);
    expect((await alice.client.get('/otp/configs', { token: key })).status).toBe(200);
    expect(await items.events(alice.user.id)).toHaveLength(events);
  });

  it('may hint at the wrong kind of token', async () => {
    const session = await logIn();
    await revoke(session, session.refreshToken, { token_type_hint: 'access_token' });
    expect(await statusOf(session)).toBe(401);
  });

  it.each([
    ['no token', {}, 'token'],
    ['an empty token', { token: '' }, 'token'],
    ['a list of tokens', { token: ['x'] }, 'token'],
    ['a kind that there is not', { token: 'x', token_type_hint: 'api_key' }, 'token_type_hint'],
    ['an unknown field', { token: 'x', everywhere: true }, 'everywhere'],
  ])('refuses %s', async (_, body, path) => {
    const answer = await generous.newClient().post('/token/revoke', body);
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, path]);
  });

  it('refuses a body that is no JSON and no form', async () => {
    const client = generous.newClient();
    expect((await client.post('/token/revoke', 'token', { headers: { 'content-type': 'text/plain' } })).status).toBe(
      415,
    );
    const broken = await client.post('/token/revoke', '{', { headers: { 'content-type': 'application/json' } });
    expect([broken.status, broken.body.code]).toEqual([400, 'malformed_json']);
  });

  it('records one log-out when many ask for it at once, or its answer is lost (SECURITY 30)', async () => {
    const session = await logIn();
    await generous.fault({
      service: 'dynamodb',
      operation: 'TransactWriteItems',
      source_ip: session.client.sourceIp,
      kind: 'lost_response',
    });
    const before = (await items.events(alice.user.id)).length;
    const answers = await Promise.all(Array.from({ length: 10 }, () => revoke(session, session.refreshToken)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(await items.events(alice.user.id)).toHaveLength(before + 1);
  });

  it('is a 503 when the table takes no write, and the session lives on (SECURITY 30)', async () => {
    const session = await logIn();
    const { clear } = await generous.fault({
      service: 'dynamodb',
      operation: 'TransactWriteItems',
      source_ip: session.client.sourceIp,
      kind: 'error',
      code: 'InternalServerError',
      times: 'forever',
    });
    const failed = await revoke(session, session.refreshToken);
    await clear();
    expect([failed.status, failed.body.code]).toEqual([503, 'try_again']);
    expect(failed.headers['retry-after']).toBeDefined();
    expect(await statusOf(session)).toBe(200);
  });

  it('shares the budget of the session’s refreshes', async () => {
    const user = await seedUser(standard);
    for (let time = 0; time < 30; time++)
      await user.client.post('/token/refresh', { refresh_token: user.refreshToken });
    const refusal = await revoke(user, user.refreshToken);
    expect([refusal.status, refusal.body.code]).toEqual([429, 'rate_limited']);
    expect(refusal.headers['ratelimit-policy']).toBe('"refresh";q=30;w=60');
    expect(Number(refusal.headers['retry-after'])).toBeLessThanOrEqual(60);
    await user.client.moveClock(61_000);
    const answer = await revoke(user, user.refreshToken);
    expect([answer.status, answer.headers['ratelimit']]).toEqual([200, '"refresh";r=29;t=60']);
    expect(await statusOf(user)).toBe(401);
  });
});
