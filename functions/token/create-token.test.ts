import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { type Answer, type Client, connect, type TestUser } from '../../infra/local/testing.ts';
import { seedAdministrator } from '../../infra/testing/seeded-user.ts';

const standard = connect(inject('standard'));
const generous = connect(inject('generous'));
const items = storedItems(generous);

const wrong = 'Wr0ng-password!';
const minute = 60_000;

function newName(): string {
  return `n${randomBytes(6).toString('hex')}`;
}

function claimsOf(token: string) {
  const [header = '', payload = ''] = token.split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  return { header: read(header), payload: read(payload) };
}

/** Fails to log in so often, in the way that takes no time: without a password. */
async function fail(client: Client, username: string, times: number): Promise<void> {
  for (let tries = 0; tries < times; tries++) expect((await client.post('/token', { username })).status).toBe(422);
}

/** A log-in as clients make it: what is answered with 503 is sent again. */
async function logInAtLast(client: Client, credentials: { username: string; password: string }): Promise<number> {
  const { status } = await client.post('/token', credentials);
  return status === 503 ? logInAtLast(client, credentials) : status;
}

/** An answer without what differs from request to request. */
function shape({ status, headers, body }: Answer) {
  const { date: _d, 'x-request-id': _x, 'apigw-requestid': _a, ratelimit: _l, ...rest } = headers;
  const { request_id: _r, ...problem } = body;
  return { status, headers: rest, body: problem };
}

describe('POST /token', () => {
  let user: TestUser;

  beforeAll(async () => {
    user = await generous.newUser();
  });

  it('answers tokens for a name and its password', async () => {
    const { username, password, client } = user;
    const { status, headers, body } = await client.post('/token', { username, password });
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 1800,
      mfa_required: false,
    });
    expect((await client.get('/users/me', { token: body.access_token })).body.last_login).not.toBeNull();
  });

  it('issues tokens that say what RFC 8725 asks for, two kinds apart (SECURITY 21)', async () => {
    const { username, password, client } = user;
    const { body } = await client.post('/token', { username, password });
    const [access, refresh] = [claimsOf(body.access_token), claimsOf(body.refresh_token)];
    expect(access.header).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
    expect(refresh.header.typ).toBe('rt+jwt');
    const { iat } = access.payload;
    expect(access.payload).toMatchObject({ sub: user.user.id, exp: iat + 1800 });
    expect(refresh.payload).toMatchObject({ sub: user.user.id, sid: access.payload.sid, exp: iat + 7 * 86_400 });
    expect(access.payload.aud).not.toBe(refresh.payload.aud);
    for (const id of [access.payload.sid, access.payload.jti, refresh.payload.jti]) {
      expect(Buffer.from(id, 'base64url').length).toBeGreaterThanOrEqual(16);
    }
    expect((await client.get('/users/me', { token: body.refresh_token })).status).toBe(401);
  });

  it('takes OAuth2’s password grant as a form', async () => {
    const { username, password, client } = user;
    const form = new URLSearchParams({ grant_type: 'password', username, password, scope: '' }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' };
    expect((await client.post('/token', form, { headers })).body.token_type).toBe('bearer');
    const twice = await client.post('/token', `${form}&username=other`, { headers });
    expect(twice.status).toBe(422);
  });

  it('knows the name in every spelling of it', async () => {
    const { username, password, client } = user;
    const wide = username.toUpperCase().replace('U', '\uFF35');
    expect((await client.post('/token', { username: wide, password })).status).toBe(200);
  });

  it.each([
    ['no name', { password: wrong }, 'username'],
    ['a name that is a number', { username: 5, password: wrong }, 'username'],
    ['a password that is a number', { username: 'somebody', password: 5 }, 'password'],
    ['a code of seven digits', { username: 'somebody', password: wrong, mfa_code: '1234567' }, 'mfa_code'],
    ['a code of other digits', { username: 'somebody', password: wrong, mfa_code: '١٢٣٤٥٦' }, 'mfa_code'],
    ['a code with a space', { username: 'somebody', password: wrong, mfa_code: '12345 ' }, 'mfa_code'],
    ['a code that is a number', { username: 'somebody', password: wrong, mfa_code: 123456 }, 'mfa_code'],
    ['an unknown field', { username: 'somebody', password: wrong, role: 'admin' }, 'role'],
  ])('refuses %s', async (_, body, path) => {
    const answer = await generous.newClient().post('/token', body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toEqual([{ path, message: expect.any(String) }]);
  });

  it('refuses a body that is no JSON and no form, and one that is huge', async () => {
    const client = generous.newClient();
    expect((await client.post('/token', '{}', { headers: { 'content-type': 'text/plain' } })).status).toBe(415);
    const huge = JSON.stringify({ username: 'a'.repeat(70_000), password: wrong });
    expect((await client.post('/token', huge, { headers: { 'content-type': 'application/json' } })).status).toBe(413);
  });

  it('takes a password longer than any can be for a wrong one', async () => {
    const { status, body } = await generous
      .newClient()
      .post('/token', { username: newName(), password: 'x'.repeat(1000) });
    expect([status, body.code]).toEqual([401, 'invalid_credentials']);
  });

  it('keeps no id of a session or token, and no password, in table or log (SECURITY 22, 27, 28)', async () => {
    const { username, password, client } = user;
    const { body, requestId } = await client.post('/token', { username, password });
    const claims = [claimsOf(body.access_token).payload, claimsOf(body.refresh_token).payload];
    const secrets = [password, body.access_token, body.refresh_token, ...claims.flatMap(({ sid, jti }) => [sid, jti])];
    const [table, lines] = [await items.text(), JSON.stringify(await generous.logs({ request_id: requestId }))];
    for (const secret of secrets) {
      expect(table.includes(secret)).toBe(false);
      expect(lines.includes(secret)).toBe(false);
    }
  });

  it('records log-ins and failures, a name that nobody has without the name', async () => {
    const { username, password, client } = user;
    await client.post('/token', { username, password: wrong });
    await client.post('/token', { username, password }, { headers: { 'user-agent': 'curl/8 "\n'.replace('\n', '') } });
    const [success, failure] = await items.events(user.user.id);
    expect(success).toMatchObject({ action: 'login', status: 'success', username, ip_address: client.sourceIp });
    expect(success?.['user_agent']).toBe('curl/8 "');
    expect(failure).toMatchObject({ action: 'login', status: 'failure', details: { reason: 'wrong_password' } });
  });
});

describe('POST /token for whoever gets it wrong (SECURITY 12)', () => {
  let admin: TestUser;
  let disabled: TestUser;

  beforeAll(async () => {
    admin = await seedAdministrator(generous);
    disabled = await generous.newUser();
    await admin.client.patch(`/users/${disabled.user.id}`, { is_active: false }, { token: admin.token });
  });

  it('answers wrong, unknown and disabled alike in status, headers and body', async () => {
    const known = await generous.newUser();
    const client = generous.newClient();
    const answers = [
      await client.post('/token', { username: known.username, password: wrong }),
      await client.post('/token', { username: newName(), password: wrong }),
      await client.post('/token', { username: disabled.username, password: disabled.password }),
      await client.post('/token', { username: 'no such # name', password: wrong, mfa_code: '123456' }),
    ];
    const [first, ...others] = answers.map(shape);
    expect(first?.status).toBe(401);
    expect(first?.headers['www-authenticate']).toBe('Bearer');
    expect(first?.body.code).toBe('invalid_credentials');
    for (const other of others) expect(other).toEqual(first);
  });

  it('makes the same calls for all of them', async () => {
    const known = await generous.newUser();
    const client = generous.newClient();
    const made = [];
    for (const [username, password] of [
      [known.username, wrong],
      [newName(), wrong],
      [disabled.username, disabled.password],
    ]) {
      const { requestId } = await client.post('/token', { username, password });
      const { calls, kms } = await generous.calls(requestId);
      made.push({ kms, calls: calls.map(({ operation, status }) => `${operation} ${status}`) });
    }
    const expected = { kms: 0, calls: ['BatchGetItem 200', 'TransactWriteItems 200', 'TransactWriteItems 200'] };
    expect(made).toEqual([expected, expected, expected]);
  });

  it('takes as long for all of them', async () => {
    const known = await Promise.all([generous.newUser(), generous.newUser()]);
    const client = generous.newClient();
    const ms: Record<'wrong' | 'unknown', number[]> = { wrong: [], unknown: [] };
    const timed = async (kind: keyof typeof ms, username: string) => {
      const startedAt = performance.now();
      expect((await client.post('/token', { username, password: wrong })).status).toBe(401);
      ms[kind].push(performance.now() - startedAt);
    };
    for (const { username } of known) {
      for (let round = 0; round < 4; round++) {
        await timed('wrong', username);
        await timed('unknown', newName());
      }
    }
    // The least of several: what other work on this machine adds is not the service's.
    const ratio = Math.min(...ms.wrong) / Math.min(...ms.unknown);
    expect(ratio).toBeGreaterThan(0.75);
    expect(ratio).toBeLessThan(1.33);
  });

  it('locks the name with the fifth failure, whether anybody has it or not', async () => {
    const known = await generous.newUser();
    const locked = [];
    for (const username of [known.username, newName()]) {
      const client = generous.newClient();
      await fail(client, username, 4);
      expect((await client.post('/token', { username, password: wrong })).status).toBe(401);
      locked.push(await client.post('/token', { username, password: known.password }));
    }
    const [mine, nobodys] = locked.map(shape);
    expect(mine?.status).toBe(423);
    expect(mine?.body.code).toBe('account_locked');
    const retryAfter = Number(mine?.headers['retry-after']);
    expect(retryAfter).toBeGreaterThan(890);
    expect(retryAfter).toBeLessThanOrEqual(900);
    expect({ ...nobodys?.headers, 'retry-after': '' }).toEqual({ ...mine?.headers, 'retry-after': '' });
    expect(nobodys?.body).toEqual(mine?.body);
  });

  it('never lets a lock grow, and leaves live sessions alone (SECURITY 13)', async () => {
    const known = await generous.newUser();
    const attacker = generous.newClient();
    const { username, password } = known;
    await fail(attacker, username, 5);
    await attacker.moveClock(10 * minute);
    const later = await attacker.post('/token', { username, password: wrong });
    expect(later.status).toBe(423);
    expect(Number(later.headers['retry-after'])).toBeLessThanOrEqual(300);
    expect((await known.client.get('/users/me', { token: known.token })).status).toBe(200);

    await attacker.moveClock(15 * minute + 2000);
    expect((await attacker.post('/token', { username, password })).status).toBe(200);
    await attacker.moveClock(0);
    // The clock that stepped back re-opens nothing and locks nothing.
    expect((await attacker.post('/token', { username, password })).status).toBe(200);
  });

  it('begins a new run of failures after a lock and after a success', async () => {
    const { username, password, client } = await generous.newUser();
    await fail(client, username, 4);
    expect((await client.post('/token', { username, password })).status).toBe(200);
    await fail(client, username, 5);
    await client.moveClock(16 * minute);
    await fail(client, username, 4);
    expect((await client.post('/token', { username, password })).status).toBe(200);
  });

  it('counts a try without a password like one with a wrong one (SECURITY 11)', async () => {
    const { username, password, client } = await generous.newUser();
    for (const body of [{ username }, { username: username.toUpperCase(), password: '' }, { username }, { username }]) {
      const answer = await client.post('/token', body);
      expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'password']);
    }
    expect((await client.post('/token', { username, password: wrong })).status).toBe(401);
    expect((await client.post('/token', { username, password })).status).toBe(423);
  });
});

describe('POST /token within its limit', () => {
  it('lets five tries through in five minutes, right ones too, in whatever spelling (SECURITY 11)', async () => {
    const { username, password, client } = await standard.newUser();
    const spellings = [username.toUpperCase(), `\uFF55${username.slice(1)}`, username];
    for (const spelling of spellings) {
      expect((await standard.newClient().post('/token', { username: spelling, password })).status).toBe(200);
    }
    const fifth = await client.post('/token', { username, password });
    expect(fifth.headers['ratelimit-policy']).toBe('"login";q=5;w=300');
    expect(fifth.headers['ratelimit']).toMatch(/^"login";r=0;t=\d+$/);
    const sixth = await client.post('/token', { username, password });
    expect([sixth.status, sixth.body.code]).toEqual([429, 'rate_limited']);
    expect(Number(sixth.headers['retry-after'])).toBeLessThanOrEqual(300);
    await client.moveClock(5 * minute + 2000);
    expect((await client.post('/token', { username, password })).status).toBe(200);
  });

  it('tells a lock before the limit', async () => {
    const client = standard.newClient();
    const username = newName();
    await fail(client, username, 5);
    expect((await client.post('/token', { username, password: wrong })).status).toBe(423);
  });

  it('answers at most five of two hundred guesses at once (SECURITY 10)', async () => {
    const username = newName();
    const clients = Array.from({ length: 10 }, () => standard.newClient());
    const guess = (at: number) => clients[at % 10]?.post('/token', { username, password: `${wrong}${at}` });
    const answers = await Promise.all(Array.from({ length: 200 }, (_, at) => guess(at)));
    const statuses = answers.map((answer) => answer?.status);
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(5);
    expect(statuses.filter((status) => ![401, 423, 429, 503].includes(status ?? 0))).toEqual([]);
  });

  it('lets five right log-ins at once all in (SECURITY 13)', async () => {
    const { username, password, client } = await generous.newUser();
    const statuses = await Promise.all(Array.from({ length: 5 }, () => logInAtLast(client, { username, password })));
    expect(statuses).toEqual([200, 200, 200, 200, 200]);
  });

  it('lets a right log-in through that began before others locked the name (SECURITY 13)', async () => {
    const { username, password, client } = await generous.newUser();
    const attacker = generous.newClient();
    await fail(attacker, username, 4);
    // The right one has paid for its try and waits for KMS, while the fifth wrong one locks.
    await generous.fault({
      service: 'kms',
      operation: 'Sign',
      source_ip: client.sourceIp,
      kind: 'delay',
      delay_ms: 900,
    });
    const right = client.post('/token', { username, password });
    await wait(450);
    expect((await attacker.post('/token', { username, password: wrong })).status).toBe(401);
    expect((await right).status).toBe(200);
    expect((await attacker.post('/token', { username, password })).status).toBe(423);
  });
});

describe('POST /token when something fails', () => {
  it('is a 503 and no failure when KMS does not sign (SECURITY 31)', async () => {
    const { username, password, client } = await generous.newUser();
    const fault = { service: 'kms', operation: 'Sign', source_ip: client.sourceIp, kind: 'error' } as const;
    const { clear } = await generous.fault({ ...fault, code: 'ThrottlingException', times: 'forever' });
    for (let tries = 0; tries < 5; tries++) {
      const answer = await client.post('/token', { username, password });
      expect([answer.status, answer.body.code]).toEqual([503, 'try_again']);
      expect(answer.headers['retry-after']).toBeDefined();
    }
    await clear();
    expect((await client.post('/token', { username, password })).status).toBe(200);
  });

  it('fails closed when the limiter cannot be written (SECURITY 14)', async () => {
    const { username, password, client } = await generous.newUser();
    const fault = {
      service: 'dynamodb',
      operation: 'TransactWriteItems',
      match: 'limit_login',
      kind: 'error',
    } as const;
    const { clear } = await generous.fault({
      ...fault,
      source_ip: client.sourceIp,
      code: 'InternalServerError',
      times: 'forever',
    });
    expect((await client.post('/token', { username, password })).status).toBe(503);
    await clear();
  });

  it('counts a failure once when the answer of the table is lost (SECURITY 30)', async () => {
    const { username, password, client } = await generous.newUser();
    const fault = { service: 'dynamodb', operation: 'TransactWriteItems', kind: 'lost_response' } as const;
    for (let tries = 0; tries < 4; tries++) {
      await generous.fault({ ...fault, source_ip: client.sourceIp, match: '"failures"' });
      await fail(client, username, 1);
    }
    expect((await client.post('/token', { username, password })).status).toBe(200);
  });

  it('makes one session when its commit meets others (SECURITY 30)', async () => {
    const { username, password, client } = await generous.newUser();
    const fault = { service: 'dynamodb', operation: 'TransactWriteItems', match: 'SESSION#', kind: 'error' } as const;
    await generous.fault({ ...fault, source_ip: client.sourceIp, code: 'TransactionConflict', times: 3 });
    const { body } = await client.post('/token', { username, password });
    const { body: sessions } = await client.get('/users/me/sessions', { token: body.access_token });
    expect(sessions).toHaveLength(2);
  });
});
