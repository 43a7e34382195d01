import { createHmac, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose/jwt/sign';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { type Answer, type Client, connect, type TestUser } from '../../infra/local/testing.ts';
import { openForge, readToken, unsignedToken } from '../../infra/testing/forge-token.ts';
import { createKey } from '../../infra/testing/otp-user.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const standard = connect(inject('standard'));
const generous = connect(inject('generous'));
const items = storedItems(generous);

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;

/** A session and the address that it is used from. */
interface Session {
  readonly client: Client;
  readonly token: string;
  readonly refreshToken: string;
}

let alice: TestUser;
/** The token of Alice's first session that is valid now: each test that replaces it goes on from there. */
let current: string;

async function logIn({ username, password }: TestUser): Promise<Session> {
  const client = generous.newClient();
  return { client, ...(await generous.logIn(client, { username, password })) };
}

beforeAll(async () => {
  alice = await seedUser(generous);
  current = alice.refreshToken;
});

/** Replaces the token of Alice's first session. */
async function replaceCurrent(): Promise<Answer> {
  const answer = await refresh(alice, current);
  expect(answer.status).toBe(200);
  current = answer.body.refresh_token;
  return answer;
}

function refresh({ client }: Pick<Session, 'client'>, refreshToken: string): Promise<Answer> {
  return client.post('/token/refresh', { refresh_token: refreshToken });
}

async function isAlive({ client, token }: Session): Promise<boolean> {
  return (await client.get('/users/me', { token })).status === 200;
}

function jtiOf(answer: Answer): string {
  return readToken(answer.body.refresh_token).payload.jti;
}

async function reuses(userId: string) {
  return (await items.events(userId)).filter(({ action }) => action === 'refresh_reuse');
}

const refused = { status: 401, body: { code: 'invalid_refresh_token' } };

describe('POST /token/refresh', () => {
  it('answers a successor and a new access token of the same session', async () => {
    const answer = await replaceCurrent();
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(answer.headers['ratelimit-policy']).toMatch(/^"refresh";q=\d+;w=\d+$/);
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 1800,
      mfa_required: false,
    });
    const [before, after] = [alice.refreshToken, current].map((token) => readToken(token));
    expect(after?.header).toEqual(before?.header);
    expect(after?.payload).toEqual({ ...before?.payload, iat: expect.any(Number), jti: expect.any(String) });
    expect(after?.payload.jti).not.toBe(before?.payload.jti);
    expect(readToken(answer.body.access_token).payload.sid).toBe(before?.payload.sid);
    expect(await isAlive({ ...alice, token: answer.body.access_token })).toBe(true);
  });

  it('takes OAuth2’s refresh grant as a form, at a path with a slash at its end too', async () => {
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: current });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await alice.client.post('/token/refresh/', form.toString(), { headers });
    expect([answer.status, answer.body.token_type]).toEqual([200, 'bearer']);
    current = answer.body.refresh_token;
  });

  it.each([
    ['no token', {}, 'refresh_token'],
    ['an empty token', { refresh_token: '' }, 'refresh_token'],
    ['a token that is a number', { refresh_token: 5 }, 'refresh_token'],
    ['a token that is huge', { refresh_token: 'x'.repeat(5000) }, 'refresh_token'],
    ['another grant', { refresh_token: 'x', grant_type: 'password' }, 'grant_type'],
    ['an unknown field', { refresh_token: 'x', scope: 'all' }, 'scope'],
  ])('refuses %s', async (_, body, path) => {
    const answer = await generous.newClient().post('/token/refresh', body);
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, path]);
  });

  it('holds neither a token nor its id in table or log (SECURITY 22, 27, 28)', async () => {
    const { body, requestId } = await replaceCurrent();
    const { sid, jti } = readToken(body.refresh_token).payload;
    const stored = JSON.stringify([
      await items.partition(`SESSION#${alice.user.id}`),
      await items.partition(`EVENT#${alice.user.id}`),
      await generous.logs({ request_id: requestId }),
    ]);
    for (const secret of [sid, jti, body.refresh_token, body.access_token]) expect(stored).not.toContain(secret);
  });

  it('reads once and writes once, and asks KMS for the two signatures alone', async () => {
    await replaceCurrent();
    const { requestId } = await replaceCurrent();
    const { calls } = await generous.calls(requestId);
    const made = calls
      .map(({ operation }) => operation)
      .filter((operation) => !['Query', 'GetPublicKey'].includes(operation));
    expect(made.sort()).toEqual(['BatchGetItem', 'Sign', 'Sign', 'TransactWriteItems']);
  });
});

describe('POST /token/refresh, rotation (SECURITY 19)', () => {
  it('answers the immediate predecessor with the same successor within 10 s: two tabs stay logged in', async () => {
    const session = await logIn(alice);
    const first = await refresh(session, session.refreshToken);
    const again = await refresh(session, session.refreshToken);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(jtiOf(again)).toBe(jtiOf(first));
    expect(await isAlive({ ...session, token: again.body.access_token })).toBe(true);
    // Either copy of the successor goes on, and then the first token is no longer the immediate predecessor.
    expect((await refresh(session, again.body.refresh_token)).status).toBe(200);
    expect(await refresh(session, session.refreshToken)).toMatchObject(refused);
    expect(await isAlive(session)).toBe(false);
  });

  it('leaves one successor after twenty parallel refreshes', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(alice, current)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(new Set(answers.map(jtiOf)).size).toBe(1);
    current = answers[7]?.body.refresh_token;
    await replaceCurrent();
    expect(await isAlive(alice)).toBe(true);
  });

  it('ends the session of a token that was used before, and only it', async () => {
    const stolen = await logIn(alice);
    const { body: successor } = await refresh(stolen, stolen.refreshToken);
    const before = (await reuses(alice.user.id)).length;
    await stolen.client.moveClock(11 * second);
    const thief = await refresh(stolen, stolen.refreshToken);
    expect(thief).toMatchObject(refused);
    expect(thief.headers['www-authenticate']).toBe('Bearer');

    expect(await isAlive(stolen)).toBe(false);
    expect(await isAlive({ ...stolen, token: successor.access_token })).toBe(false);
    expect(await refresh(stolen, successor.refresh_token)).toMatchObject(refused);
    expect(await isAlive(alice)).toBe(true);
    await replaceCurrent();

    const events = await reuses(alice.user.id);
    expect(events).toHaveLength(before + 1);
    expect(events[0]).toMatchObject({
      status: 'failure',
      username: alice.username,
      ip_address: stolen.client.sourceIp,
    });
    const lines = (await generous.logs({ request_id: thief.requestId })).map(({ text }) => text).join();
    expect(lines).toContain('"RefreshReuse":1');
    expect(lines).toContain('REFRESH_REUSE');
  });

  it('takes the end of a session, by log-out, a new password or a disabled account, for no theft (SECURITY 20)', async () => {
    const user = await seedUser(generous);
    const first = await logIn(user);
    const second = await logIn(user);
    const { body: successor } = await refresh(second, second.refreshToken);
    await first.client.post('/token/revoke', { token: first.refreshToken });
    expect(await refresh(first, first.refreshToken)).toMatchObject(refused);

    const changed = await user.client.post(
      '/users/me/change-password',
      { current_password: user.password, new_password: 'An0ther-staple&battery' },
      { token: user.token },
    );
    expect(changed.status).toBe(200);
    // The one that was used before and the one that was not: the session is over, and neither is a thief's.
    for (const token of [second.refreshToken, successor.refresh_token]) {
      expect(await refresh(second, token)).toMatchObject(refused);
    }
    const { body: kept } = await refresh(user, user.refreshToken);
    expect(kept.token_type).toBe('bearer');
    await items.change({ pk: `USER#${user.user.id}`, sk: 'PROFILE' }, { is_active: false });
    expect(await refresh(user, kept.refresh_token)).toMatchObject(refused);
    expect(await reuses(user.user.id)).toEqual([]);
  });
});

describe('POST /token/refresh in time (SPEC §6.3)', () => {
  let user: TestUser;
  const setTimeoutMinutes = (minutes: number) =>
    items.change({ pk: `USER#${user.user.id}`, sk: 'PROFILE' }, { session_timeout: minutes });

  beforeAll(async () => {
    user = await seedUser(generous);
  });

  it('ends a session that was not used for the user’s session_timeout, and no earlier', async () => {
    const session = { ...user, client: generous.newClient() };
    await session.client.moveClock(29 * minute);
    const { body } = await refresh(session, session.refreshToken);
    expect(body.token_type).toBe('bearer');
    // A refresh is a use; from here it is half an hour again.
    await session.client.moveClock(58 * minute);
    const { body: later } = await refresh(session, body.refresh_token);
    expect(await isAlive({ ...session, token: later.access_token })).toBe(true);
    await session.client.moveClock(89 * minute);
    expect(await isAlive({ ...session, token: later.access_token })).toBe(false);
    expect(await refresh(session, later.refresh_token)).toMatchObject(refused);
    expect(await reuses(user.user.id)).toEqual([]);
  });

  it('ends a session after seven days, however much it is used', async () => {
    await setTimeoutMinutes(5);
    const session = await logIn(user);
    const { body: first } = await refresh(session, session.refreshToken);
    // No access token lives longer than an idle session.
    expect(first.expires_in).toBe(300);
    await setTimeoutMinutes(1440);
    let refreshToken = first.refresh_token;
    for (let passed = day - minute; passed < 7 * day - minute; passed += day - minute) {
      await session.client.moveClock(passed);
      const { body } = await refresh(session, refreshToken);
      expect(readToken(body.refresh_token).payload.exp).toBe(readToken(session.refreshToken).payload.exp);
      refreshToken = body.refresh_token;
    }
    await session.client.moveClock(7 * day - minute);
    const { body: last } = await refresh(session, refreshToken);
    expect(last.expires_in).toBeLessThanOrEqual(60);
    await session.client.moveClock(7 * day + second);
    expect(await refresh(session, last.refresh_token)).toMatchObject(refused);
    expect(await isAlive({ ...session, token: last.access_token })).toBe(false);
  });

  it('does not open the ten seconds again for a clock that is set back (SECURITY 33)', async () => {
    const session = await logIn(user);
    await session.client.moveClock(minute);
    const { body } = await refresh(session, session.refreshToken);
    await session.client.moveClock(45 * second);
    expect(await refresh(session, session.refreshToken)).toMatchObject(refused);
    expect(await refresh(session, body.refresh_token)).toMatchObject(refused);
    expect(await reuses(user.user.id)).toHaveLength(1);
  });
});

describe('POST /token/refresh within its limit', () => {
  it('lets thirty through a minute, each session for itself', async () => {
    const user = await seedUser(standard);
    const client = standard.newClient();
    const other = await standard.logIn(client, { username: user.username, password: user.password });
    let { refreshToken } = user;
    for (let time = 0; time < 30; time++) {
      const answer = await refresh(user, refreshToken);
      expect(answer.status).toBe(200);
      if (time === 29) expect(answer.headers['ratelimit']).toMatch(/^"refresh";r=0;t=\d+$/);
      // The predecessor that is answered once more is one of the thirty too.
      if (time % 2 === 1) refreshToken = answer.body.refresh_token;
    }
    const refusal = await refresh(user, refreshToken);
    expect([refusal.status, refusal.body.code]).toEqual([429, 'rate_limited']);
    expect(refusal.headers['ratelimit-policy']).toBe('"refresh";q=30;w=60');
    expect(Number(refusal.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect((await refresh({ client }, other.refreshToken)).status).toBe(200);
    await user.client.moveClock(minute + second);
    expect((await refresh(user, refreshToken)).status).toBe(200);
  });
});

describe('POST /token/refresh when something fails', () => {
  it.each([
    ['the answer of the table is lost', { kind: 'lost_response' }],
    ['three commits meet others', { kind: 'error', code: 'TransactionConflict', times: 3 }],
    ['the table throttles', { kind: 'error', code: 'ThrottlingException', times: 2 }],
  ] as const)('rotates once when %s (SECURITY 30)', async (_, fault) => {
    const of = { service: 'dynamodb', operation: 'TransactWriteItems', source_ip: alice.client.sourceIp } as const;
    await generous.fault({ ...of, ...fault });
    const before = current;
    const answer = await replaceCurrent();
    expect(jtiOf(await refresh(alice, before))).toBe(jtiOf(answer));
  });

  it.each([
    ['KMS does not sign (SECURITY 31)', { service: 'kms', operation: 'Sign', code: 'KMSInternalException' }],
    [
      'the table takes no write (SECURITY 30)',
      { service: 'dynamodb', operation: 'TransactWriteItems', code: 'InternalServerError' },
    ],
    [
      'the table answers no read (SECURITY 30)',
      { service: 'dynamodb', operation: 'BatchGetItem', code: 'InternalServerError' },
    ],
  ] as const)('is a 503 when %s, and the token is as good as before', async (_, fault) => {
    const { clear } = await generous.fault({
      ...fault,
      kind: 'error',
      times: 'forever',
      source_ip: alice.client.sourceIp,
    });
    const failed = await refresh(alice, current);
    await clear();
    expect([failed.status, failed.body.code]).toEqual([503, 'try_again']);
    expect(failed.headers['retry-after']).toBeDefined();
    await replaceCurrent();
  });
});

describe('A token that is not what it should be (SECURITY 21)', () => {
  const forge = openForge(inject('generous'));
  it('never stands in for one of another kind', async () => {
    const { client, token } = alice;
    const { token: key } = await createKey(alice, client);
    for (const bearer of [current, `${key}a`, key.slice(0, -1)]) {
      expect((await client.get('/otp/configs', { token: bearer })).status).toBe(401);
    }
    for (const presented of [token, key]) expect(await refresh(alice, presented)).toMatchObject(refused);
    expect(await isAlive(alice)).toBe(true);
    await replaceCurrent();
  });

  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  const without = (claims: Record<string, unknown>, name: string) =>
    Object.fromEntries(Object.entries(claims).filter(([other]) => other !== name));

  /** Signed by the right key, so that nothing else about them is wrong. */
  const validlySigned: [string, (header: Answer['body'], payload: Answer['body']) => [object, object]][] = [
    ['a jwk in its header', (header, payload) => [{ ...header, jwk }, payload]],
    ['a jku in its header', (header, payload) => [{ ...header, jku: 'https://example.com/jwks.json' }, payload]],
    ['an x5u in its header', (header, payload) => [{ ...header, x5u: 'https://example.com/x5u' }, payload]],
    ['a crit in its header', (header, payload) => [{ ...header, crit: ['exp'], exp: 1 }, payload]],
    ['no typ', (header, payload) => [without(header, 'typ'), payload]],
    ['the typ of any JWT', (header, payload) => [{ ...header, typ: 'JWT' }, payload]],
    ['no kid', (header, payload) => [without(header, 'kid'), payload]],
    ['another kid', (header, payload) => [{ ...header, kid: 'A'.repeat(43) }, payload]],
    ['the alg none', (header, payload) => [{ ...header, alg: 'none' }, payload]],
    ['the alg HS256', (header, payload) => [{ ...header, alg: 'HS256' }, payload]],
    ['another issuer', (header, payload) => [header, { ...payload, iss: 'somebody' }]],
    ['another audience', (header, payload) => [header, { ...payload, aud: 'somebody' }]],
    ['several audiences', (header, payload) => [header, { ...payload, aud: [payload.aud, 'somebody'] }]],
    ['its end behind it', (header, payload) => [header, { ...payload, exp: payload.iat - 1 }]],
    ['a time of issue that is still to come', (header, payload) => [header, { ...payload, iat: payload.iat + 3600 }]],
    ['a session that is a number', (header, payload) => [header, { ...payload, sid: 5 }]],
    ['an owner that reaches elsewhere', (header, payload) => [header, { ...payload, sub: `x#${payload.sub}` }]],
    ['a session that there is not', (header, payload) => [header, { ...payload, sid: 'A'.repeat(43) }]],
    ...['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp'].map((name): (typeof validlySigned)[number] => [
      `no ${name}`,
      (header, payload) => [header, without(payload, name)],
    ]),
  ];

  it.each(validlySigned)('is refused with %s', async (_, change) => {
    const { client, token } = alice;
    const [access, refreshing] = [token, current].map((genuine) => {
      const { header, payload } = readToken(genuine);
      const [changedHeader, changedPayload] = change(header, payload);
      return forge({ header: changedHeader, payload: changedPayload });
    });
    const answer = await client.get('/otp/configs', { token: await access });
    expect(answer).toMatchObject({ status: 401, body: { code: 'authentication_required' } });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(await refresh(alice, (await refreshing) ?? '')).toMatchObject(refused);
  });

  it('is accepted when the same hand changes nothing', async () => {
    const { client, token } = alice;
    expect((await client.get('/otp/configs', { token: await forge(readToken(token)) })).status).toBe(200);
  });

  it('is refused with the signature of another key, of none, or with one bit of it changed', async () => {
    const { client, token } = alice;
    const text = readToken(token);
    const [header, payload, signature = ''] = token.split('.');
    const unsigned = unsignedToken({ ...text, header: { ...text.header, alg: 'none' } });
    const symmetric = unsignedToken({ ...text, header: { ...text.header, alg: 'HS256' } });
    const spki = publicKey.export({ type: 'spki', format: 'pem' });
    const bytes = Buffer.from(signature, 'base64url');
    bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    // Of the last character four bits are no part of the signature: another string for the same bytes.
    const sameBytes = signature.slice(0, -1) + alphabet.charAt(alphabet.indexOf(signature.slice(-1)) + 1);
    expect(Buffer.from(sameBytes, 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
    const forged = [
      await new SignJWT(text.payload).setProtectedHeader(text.header).sign(privateKey),
      `${unsigned}.`,
      unsigned,
      `${unsigned}.${signature}`,
      `${symmetric}.${createHmac('sha256', spki).update(symmetric).digest('base64url')}`,
      `${header}.${payload}.${bytes.toString('base64url')}`,
      `${header}.${payload}.${sameBytes}`,
      `${header}.${payload}.${signature}=`,
      `${header}.${payload}.`,
    ];
    for (const bearer of forged) expect((await client.get('/otp/configs', { token: bearer })).status).toBe(401);
  });

  it('is refused in any place but the Authorization header', async () => {
    const { client, token } = alice;
    for (const authorization of [
      '',
      'Bearer',
      `Basic ${token}`,
      token,
      `Bearer ${token} ${token}`,
      `Bearer "${token}"`,
    ]) {
      const answer = await client.get('/otp/configs', { headers: { authorization } });
      expect([answer.status, answer.body.code]).toEqual([401, 'authentication_required']);
    }
    expect((await client.get(`/otp/configs?access_token=${token}`)).status).toBe(401);
  });
});
