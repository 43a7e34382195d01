import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { type Answer, type Client, connect, type RequestOptions, type TestUser } from '../../infra/local/testing.ts';
import { readToken } from '../../infra/testing/forge-token.ts';
import { createKey } from '../../infra/testing/otp-user.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const standard = connect(inject('standard'));
const generous = connect(inject('generous'));
const items = storedItems(generous);

const second = 1000;
const minute = 60 * second;
const wrong = 'Wr0ng-password!';
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict';
const cleared = `__Host-otp_refresh=; Max-Age=0; ${attributes}`;

let alice: TestUser;

beforeAll(async () => {
  alice = await seedUser(generous);
});

function auth(client: Client, body: object, options?: RequestOptions): Promise<Answer> {
  return client.post('/auth', body, options);
}

function logIn(client: Client, { username, password }: Pick<TestUser, 'username' | 'password'>): Promise<Answer> {
  return auth(client, { action: 'login', username, password });
}

/** The refresh token that an answer put into the browser's cookie. */
function cookieOf({ headers }: Answer): string {
  return /^__Host-otp_refresh=([^;]+); Max-Age=\d+; /.exec(headers['set-cookie'] ?? '')?.[1] ?? '';
}

/** What the browser sends with it. */
function sending(token: string): RequestOptions {
  return { headers: { cookie: `theme=dark; __Host-otp_refresh=${token}` } };
}

async function statusOf(client: Client, token: string): Promise<number> {
  return (await client.get('/users/me', { token })).status;
}

const tokens = {
  access_token: expect.any(String),
  token_type: 'bearer',
  expires_in: 1800,
  mfa_required: false,
  session_expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
};

describe('POST /auth', () => {
  it('login: answers the access token, and the refresh token in a cookie that no script reads', async () => {
    const answer = await logIn(generous.newClient(), alice);
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(answer.body).toEqual(tokens);
    const [, token = '', seconds, rest] =
      /^__Host-otp_refresh=([^;]+); Max-Age=(\d+); (.*)$/.exec(answer.headers['set-cookie'] ?? '') ?? [];
    expect(rest).toBe(attributes);
    expect(Number(seconds)).toBe(7 * 86_400);
    expect(readToken(token).header.typ).toBe('rt+jwt');
    expect(answer.text).not.toContain(token);
    expect(Date.parse(answer.body.session_expires_at) / 1000).toBeCloseTo(readToken(token).payload.exp, -1);
    expect(await statusOf(alice.client, answer.body.access_token)).toBe(200);
  });

  it('signup: makes the account, without a session', async () => {
    const username = `a${randomBytes(6).toString('hex')}`;
    const answer = await auth(generous.newClient(), {
      action: 'signup',
      username,
      email: `${username}@example.com`,
      password: alice.password,
      department: 'Research',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.headers['ratelimit-policy']).toMatch(/^"register";/);
    expect(answer.body).toEqual({
      ...alice.user,
      last_login: null,
      id: expect.stringMatching(/^[a-z2-7]{26}$/),
      username,
      email: `${username}@example.com`,
      department: 'Research',
      created_at: expect.any(String),
    });
    const [event] = await items.events(answer.body.id);
    expect(event).toMatchObject({ action: 'user_create', status: 'success', username });
  });

  it.each([
    ['a name that is taken', () => ({ username: alice.username.toUpperCase() }), 409, 'username_taken'],
    ['an e-mail address that is taken', () => ({ email: alice.email }), 409, 'email_taken'],
    ['a weak password', () => ({ password: 'password' }), 422, 'invalid_request'],
    ['privileges (SECURITY 24)', () => ({ is_admin: true }), 422, 'invalid_request'],
  ])('signup: refuses %s', async (_, fields, status, code) => {
    const username = `a${randomBytes(6).toString('hex')}`;
    const body = { action: 'signup', username, email: `${username}@example.com`, password: alice.password };
    const answer = await auth(generous.newClient(), { ...body, ...fields() });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('getUser: answers who one is', async () => {
    const answer = await auth(alice.client, { action: 'getUser' }, { token: alice.token });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ ...alice.user, last_login: expect.any(String) });
    expect(answer.headers['ratelimit']).toBeUndefined();
  });

  it('getUser: needs an access token, and takes neither the cookie nor an API key for one (SECURITY 21)', async () => {
    const session = cookieOf(await logIn(alice.client, alice));
    const { token: key } = await createKey(alice, alice.client);
    for (const options of [{}, sending(session), { token: session }]) {
      const answer = await auth(alice.client, { action: 'getUser' }, options);
      expect([answer.status, answer.body.code]).toEqual([401, 'authentication_required']);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
    const byKey = await auth(alice.client, { action: 'getUser' }, { token: key });
    expect([byKey.status, byKey.body.code]).toEqual([403, 'user_token_required']);
  });

  it('refresh: replaces the cookie; the one before is answered once more within 10 s (SECURITY 19)', async () => {
    const client = generous.newClient();
    const first = cookieOf(await logIn(client, alice));
    const answers = await Promise.all([1, 2, 3].map(() => auth(client, { action: 'refresh' }, sending(first))));
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual(tokens);
      expect(answer.headers['ratelimit-policy']).toMatch(/^"refresh";/);
      expect(answer.text).not.toContain(cookieOf(answer));
    }
    const [successor = '', ...others] = answers.map(cookieOf);
    for (const other of others) expect(readToken(other).payload.jti).toBe(readToken(successor).payload.jti);

    await client.moveClock(11 * second);
    const stolen = await auth(client, { action: 'refresh' }, sending(first));
    expect([stolen.status, stolen.body.code]).toEqual([401, 'invalid_refresh_token']);
    expect(stolen.headers['set-cookie']).toBe(cleared);
    const after = await auth(client, { action: 'refresh' }, sending(successor));
    expect([after.status, after.headers['set-cookie']]).toEqual([401, cleared]);
    expect(await statusOf(alice.client, alice.token)).toBe(200);
  });

  it('refresh: takes away a cookie that is none of ours, and an access token is none (SECURITY 21)', async () => {
    for (const options of [{}, sending(''), sending('nothing'), sending(alice.token), { token: alice.refreshToken }]) {
      const answer = await auth(alice.client, { action: 'refresh' }, options);
      expect([answer.status, answer.body.code]).toEqual([401, 'invalid_refresh_token']);
      expect(answer.headers['set-cookie']).toBe(cleared);
    }
    expect(await statusOf(alice.client, alice.token)).toBe(200);
  });

  it('logout: ends the session and takes the cookie away, also where there is none', async () => {
    const client = generous.newClient();
    const session = await logIn(client, alice);
    for (const options of [sending(cookieOf(session)), sending(cookieOf(session)), sending('nothing'), {}]) {
      const answer = await auth(client, { action: 'logout' }, options);
      expect([answer.status, answer.body]).toEqual([200, { message: 'The session has ended.' }]);
      expect(answer.headers['set-cookie']).toBe(cleared);
    }
    expect(await statusOf(client, session.body.access_token)).toBe(401);
    const logouts = (await items.events(alice.user.id)).filter(({ action }) => action === 'logout');
    expect(logouts.filter(({ ip_address }) => ip_address === client.sourceIp)).toMatchObject([
      { username: alice.username, status: 'success' },
    ]);
  });

  it('login: keeps a wrong password, an unknown name and a missing password as apart as /token does', async () => {
    const answers = [];
    for (const username of [alice.username, `n${randomBytes(6).toString('hex')}`]) {
      const client = generous.newClient();
      const { status, headers, body } = await auth(client, { action: 'login', username, password: wrong });
      answers.push([status, body.code, headers['set-cookie'], headers['www-authenticate']]);
      const missing = await auth(client, { action: 'login', username });
      expect([missing.status, missing.body.errors]).toEqual([422, [{ path: 'password', message: expect.any(String) }]]);
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[0]).toEqual([401, 'invalid_credentials', undefined, 'Bearer']);
  });

  it.each([
    ['nothing to do', {}],
    ['something that there is not', { action: 'sudo' }],
    ['an unknown field', { action: 'logout', everywhere: true }],
    ['the refresh token in the body', { action: 'refresh', refresh_token: 'x' }],
    ['no name', { action: 'login', password: wrong }],
  ])('refuses %s', async (_, body) => {
    const answer = await auth(generous.newClient(), body);
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_request']);
  });

  it('takes no form, which a page of another origin could send without asking (SECURITY 26)', async () => {
    const client = generous.newClient();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', ...sending('x').headers };
    expect((await client.post('/auth', 'action=logout', { headers })).status).toBe(415);
    const plain = { ...headers, 'content-type': 'text/plain' };
    expect((await client.post('/auth', '{"action":"logout"}', { headers: plain })).status).toBe(415);
  });

  it.each(['cross-site', 'same-site'])('refuses pages of another origin: %s (SECURITY 26)', async (site) => {
    const client = generous.newClient();
    const session = await logIn(client, alice);
    const { headers } = sending(cookieOf(session));
    const others = { headers: { ...headers, 'sec-fetch-site': site, origin: 'https://evil.example' } };
    for (const body of [
      { action: 'refresh' },
      { action: 'logout' },
      { action: 'login', username: alice.username, password: alice.password },
    ]) {
      const answer = await auth(client, body, others);
      expect([answer.status, answer.body.code]).toEqual([403, 'cross_origin_refused']);
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
    const own = { headers: { ...headers, 'sec-fetch-site': 'same-origin' } };
    expect((await auth(client, { action: 'refresh' }, own)).status).toBe(200);
  });

  it('hands the cookie on under the console’s origin, where the same route is /api/auth', async () => {
    const client = generous.newClient(undefined, generous.info.console);
    const ask = (body: object, options?: RequestOptions) => client.post('/api/auth/', body, options);
    const session = await ask({ action: 'login', username: alice.username, password: alice.password });
    expect(session.headers['set-cookie']).toMatch(
      new RegExp(`^__Host-otp_refresh=[^;]+; Max-Age=\\d+; ${attributes}$`),
    );
    const refreshed = await ask({ action: 'refresh' }, sending(cookieOf(session)));
    expect(refreshed.body).toEqual(tokens);
    const answer = await ask({ action: 'logout' }, sending(cookieOf(refreshed)));
    expect(answer.headers['set-cookie']).toBe(cleared);
    expect(await statusOf(alice.client, refreshed.body.access_token)).toBe(401);
    // The address that the edge vouches for, not the edge's own.
    const events = await items.events(alice.user.id);
    expect(events).toContainEqual(expect.objectContaining({ action: 'logout', ip_address: client.sourceIp }));
  });
});

describe('POST /auth within its limits', () => {
  it('shares the budget and the lock of /token (SECURITY 14)', async () => {
    const { username, password, client } = await seedUser(standard);
    for (let tries = 0; tries < 2; tries++) await auth(client, { action: 'login', username });
    for (let tries = 0; tries < 2; tries++) await client.post('/token', { username });
    const sixth = await logIn(client, { username, password });
    expect([sixth.status, sixth.body.code]).toEqual([429, 'rate_limited']);
    expect(sixth.headers['ratelimit-policy']).toBe('"login";q=5;w=300');
    await client.moveClock(5 * minute + second);
    // The fifth failure in a row, over both paths, locks the name for both.
    await auth(client, { action: 'login', username });
    const locked = [await logIn(client, { username, password }), await client.post('/token', { username, password })];
    for (const answer of locked) {
      expect([answer.status, answer.body.code]).toEqual([423, 'account_locked']);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(890);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });

  it('shares the budget of /users for sign-ups from an address', async () => {
    const client = standard.newClient();
    const registration = () => {
      const username = `a${randomBytes(6).toString('hex')}`;
      return { username, email: `${username}@example.com`, password: alice.password };
    };
    expect((await auth(client, { action: 'signup', ...registration() })).status).toBe(200);
    expect((await client.post('/users', registration())).status).toBe(201);
    expect((await auth(client, { action: 'signup', ...registration() })).status).toBe(200);
    const fourth = await auth(client, { action: 'signup', ...registration() });
    expect([fourth.status, fourth.body.code]).toEqual([429, 'rate_limited']);
    expect(fourth.headers['ratelimit-policy']).toBe('"register";q=3;w=3600');
  });
});

describe('POST /auth when something fails', () => {
  it('logs nobody in or out, and leaves the cookie as it is, when KMS or the table fails (SECURITY 30, 31)', async () => {
    const client = generous.newClient();
    const session = cookieOf(await logIn(client, alice));
    const faults = [
      { fault: { service: 'kms', operation: 'Sign', code: 'KMSInternalException' }, body: { action: 'refresh' } },
      {
        fault: { service: 'dynamodb', operation: 'TransactWriteItems', code: 'InternalServerError' },
        body: { action: 'logout' },
      },
    ] as const;
    for (const { fault, body } of faults) {
      const { clear } = await generous.fault({ ...fault, kind: 'error', times: 'forever', source_ip: client.sourceIp });
      const answer = await auth(client, body, sending(session));
      await clear();
      expect([answer.status, answer.body.code]).toEqual([503, 'try_again']);
      expect(answer.headers['retry-after']).toBeDefined();
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    expect((await auth(client, { action: 'refresh' }, sending(session))).status).toBe(200);
  });
});
