import { randomBytes } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { connect } from '../../infra/local/testing.ts';

const standard = connect(inject('standard'));
const generous = connect(inject('generous'));

const password = 'Tr0ub4dor&3-staple';

function newName(): string {
  return `r${randomBytes(6).toString('hex')}`;
}

function registration(fields: Record<string, unknown> = {}): Record<string, unknown> {
  const username = newName();
  return { username, email: `${username}@example.com`, password, ...fields };
}

describe('POST /users', () => {
  it('answers the new user, without anything that proves who it is', async () => {
    const sent = registration({ department: 'Research', job_title: 'Chemist' });
    const { status, headers, body } = await generous.newClient().post('/users', sent);
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[a-z2-7]{26}$/),
      username: sent['username'],
      email: sent['email'],
      is_active: true,
      is_admin: false,
      mfa_enabled: false,
      last_login: null,
      department: 'Research',
      job_title: 'Chemist',
      access_level: 0,
      session_timeout: 30,
      must_change_password: false,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['ratelimit-policy']).toMatch(/^"register";q=\d+;w=\d+$/);
  });

  it('takes the same path with a slash at its end', async () => {
    expect((await generous.newClient().post('/users/', registration())).status).toBe(201);
  });

  it.each([
    ['short', 'Aa1!aaaa', 'Use at least 12 characters.'],
    ['without upper case', 'tr0ub4dor&3-staple', 'Use an upper-case letter.'],
    ['without lower case', 'TR0UB4DOR&3-STAPLE', 'Use a lower-case letter.'],
    ['without digit', 'Troubador&-staples', 'Use a digit.'],
    ['without special character', 'Tr0ub4dor3staple', 'Use a special character'],
    ['of more than 72 bytes', `Tr0ub4dor&3-${'é'.repeat(31)}`, 'Use at most 72 bytes'],
    ['among the common ones', 'Password123!', 'Do not build it on a common password'],
  ])('refuses a password %s at its field (SECURITY 29)', async (_, weak, sentence) => {
    const { status, body } = await generous.newClient().post('/users', registration({ password: weak }));
    expect(status).toBe(422);
    expect(body.code).toBe('invalid_request');
    expect(body.errors).toContainEqual({ path: 'password', message: expect.stringContaining(sentence) });
    expect(JSON.stringify(body)).not.toContain(weak);
  });

  it('refuses a password that holds the name, in whatever spelling', async () => {
    const { body } = await generous
      .newClient()
      .post('/users', registration({ username: 'Marguerite.1', password: 'my-MARGUERITE.1-name' }));
    expect(body.errors).toEqual([{ path: 'password', message: 'Do not use your username in it.' }]);
  });

  it('takes a password of 72 bytes and logs in with all of it', async () => {
    const client = generous.newClient();
    const long = `Tr0ub4dor&3-${'x'.repeat(60)}`;
    const user = await generous.newUser(client, { password: long });
    const cut = await client.post('/token', { username: user.username, password: long.slice(0, -1) });
    expect(cut.body.code).toBe('invalid_credentials');
  });

  it.each([
    ['a # (SECURITY 25)', { username: 'some#body' }, 'username'],
    ['nothing', { username: '' }, 'username'],
    ['a space', { username: 'some body' }, 'username'],
    ['a name that is too long once it is folded', { username: 'ß'.repeat(30) }, 'username'],
    ['a number', { username: 12345 }, 'username'],
    ['no e-mail address', { email: 'nobody' }, 'email'],
    ['an address with a #', { email: 'no#body@example.com' }, 'email'],
    ['a password that is a number', { password: 123456789012 }, 'password'],
    ['control characters', { department: 'a\u0007b' }, 'department'],
    ['privileges (SECURITY 24)', { is_admin: true }, 'is_admin'],
    ['an id', { id: 'a'.repeat(26) }, 'id'],
  ])('refuses %s', async (_, fields, path) => {
    const { status, body } = await generous.newClient().post('/users', registration(fields));
    expect(status).toBe(422);
    expect(body.errors.map((error: { path: string }) => error.path)).toEqual([path]);
  });

  it('names every missing field', async () => {
    const { status, body } = await generous.newClient().post('/users', {});
    expect(status).toBe(422);
    expect(body.errors.map((error: { path: string }) => error.path).sort()).toEqual(['email', 'password', 'username']);
  });

  it.each([
    ['no JSON', '{"username":', 400, 'malformed_json'],
    ['two equal names', `{"username":"${newName()}","username":"b"}`, 400, 'malformed_json'],
    ['__proto__', '{"__proto__":{"is_admin":true}}', 400, 'malformed_json'],
    ['more than 64 KiB', JSON.stringify({ username: 'a'.repeat(70_000) }), 413, 'body_too_large'],
  ])('refuses a body of %s', async (_, text, status, code) => {
    const answer = await generous.newClient().post('/users', text, { headers: { 'content-type': 'application/json' } });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('refuses a body that does not say it is JSON (SECURITY 26)', async () => {
    const { status } = await generous
      .newClient()
      .post('/users', JSON.stringify(registration()), { headers: { 'content-type': 'text/plain' } });
    expect(status).toBe(415);
  });

  it('knows a taken name in every spelling, and a taken address', async () => {
    const client = generous.newClient();
    const name = `Straße${newName()}`;
    const first = await client.post('/users', registration({ username: name, email: `${newName()}@Example.com` }));
    expect(first.status).toBe(201);
    const upper = await client.post('/users', registration({ username: name.toUpperCase() }));
    expect([upper.status, upper.body.code]).toEqual([409, 'username_taken']);
    const wide = name.replace('S', '\uFF33');
    expect((await client.post('/users', registration({ username: wide }))).body.code).toBe('username_taken');
    const address = await client.post('/users', registration({ email: first.body.email.toUpperCase() }));
    expect([address.status, address.body.code]).toEqual([409, 'email_taken']);
  });

  it('makes one user of twenty who want a name at once, and keeps no address of the others (SECURITY 30)', async () => {
    const username = newName();
    const wanted = Array.from({ length: 20 }, (_, at) =>
      registration({ username, email: `${username}-${at}@example.com` }),
    );
    const answers = await Promise.all(wanted.map((body) => generous.newClient().post('/users', body)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);

    const winner = answers.find(({ status }) => status === 201)?.body.email;
    const loser = wanted.find(({ email }) => email !== winner)?.['email'];
    expect((await generous.newClient().post('/users', registration({ email: loser }))).status).toBe(201);
    expect((await generous.newClient().post('/users', registration({ email: winner }))).status).toBe(409);
  });

  it('gives one address to one of two names at once', async () => {
    const email = `${newName()}@example.com`;
    const answers = await Promise.all([1, 2].map(() => generous.newClient().post('/users', registration({ email }))));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  it('lets an address register three times an hour, whatever it claims to be (SECURITY 15)', async () => {
    const client = standard.newClient();
    const name = newName();
    const weak = await client.post('/users', registration({ password: 'weak' }));
    expect(weak.status).toBe(422);
    const first = await client.post('/users', registration({ username: name }));
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"register";q=3;w=3600',
      ratelimit: '"register";r=2;t=3600',
    });
    expect((await client.post('/users', registration({ username: name }))).status).toBe(409);
    expect((await client.post('/users', registration())).status).toBe(201);
    const fourth = await client.post('/users', registration(), { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect([fourth.status, fourth.body.code]).toEqual([429, 'rate_limited']);
    expect(Number(fourth.headers['retry-after'])).toBeGreaterThan(3500);
    expect((await standard.newClient().post('/users', registration())).status).toBe(201);
    await client.moveClock(3_601_000);
    expect((await client.post('/users', registration())).status).toBe(201);
  });

  it('spends no more than three of the limit on ten at once (SECURITY 10)', async () => {
    const client = standard.newClient();
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.post('/users', registration())));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(7);
  });

  it('answers the same Idempotency-Key with the first answer again', async () => {
    const client = generous.newClient();
    const body = registration();
    const headers = { 'idempotency-key': randomBytes(8).toString('hex') };
    const first = await client.post('/users', body, { headers });
    const again = await client.post('/users', body, { headers });
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotent-replayed']).toBe('true');
    const other = await client.post('/users', registration(), { headers });
    expect([other.status, other.body.code]).toEqual([409, 'idempotency_key_reused']);
  });

  it('makes the user once when the answer of the table is lost (SECURITY 30)', async () => {
    const client = generous.newClient();
    await generous.fault({
      service: 'dynamodb',
      operation: 'TransactWriteItems',
      source_ip: client.sourceIp,
      match: 'CREDENTIAL#',
      kind: 'lost_response',
    });
    expect((await client.post('/users', registration())).status).toBe(201);
  });

  it.each(['ProvisionedThroughputExceededException', 'TransactionConflict'])(
    'makes the user when the table answers %s at first (SECURITY 30)',
    async (code) => {
      const client = generous.newClient();
      const fault = { service: 'dynamodb', operation: 'TransactWriteItems', kind: 'error', code, times: 2 } as const;
      await generous.fault({ ...fault, source_ip: client.sourceIp, match: 'CREDENTIAL#' });
      expect((await client.post('/users', registration())).status).toBe(201);
    },
  );

  it('leaves nothing of a user whose commit never came through (SECURITY 30)', async () => {
    const client = generous.newClient();
    const body = registration();
    const { clear } = await generous.fault({
      service: 'dynamodb',
      operation: 'TransactWriteItems',
      source_ip: client.sourceIp,
      match: 'CREDENTIAL#',
      kind: 'error',
      code: 'InternalServerError',
      times: 'forever',
    });
    const failed = await client.post('/users', body);
    await clear();
    expect([failed.status, failed.body.code]).toEqual([503, 'try_again']);
    expect(failed.headers['retry-after']).toBeDefined();
    expect((await client.post('/users', body)).status).toBe(201);
  });

  it('writes no password into table or log (SECURITY 27, 28)', async () => {
    const client = generous.newClient();
    const secret = `Zq9-${randomBytes(8).toString('hex')}-X`;
    const { requestId } = await client.post('/users', registration({ password: secret }));
    const lines = await generous.logs({ request_id: requestId });
    expect(lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(lines)).not.toContain(secret);
  });

  it('needs no more than three round trips', async () => {
    const { requestId } = await generous.newClient().post('/users', registration());
    expect((await generous.calls(requestId)).dynamodb).toBe(3);
  });
});

describe('POST /users where registration is closed', () => {
  it('turns everybody away before anything is read', async () => {
    const before = { ...process.env };
    Object.assign(process.env, { TABLE_NAME: 'none', EDGE_KEY: '0'.repeat(16), REGISTRATION: 'closed' });
    const { handler } = await import('./register-user.ts');
    process.env = before;
    const event = {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(registration()),
      requestContext: { requestId: 'r', timeEpoch: Date.now(), http: { sourceIp: '127.0.0.1', userAgent: '' } },
    };
    // The rest of an event and of a context is never looked at.
    const answer = await Reflect.apply(handler, undefined, [event, {}]);
    expect(answer.statusCode).toBe(403);
    expect(JSON.parse(answer.body).code).toBe('registration_closed');
  });
});
