import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const standard = connect(inject('standard'));
const generous = connect(inject('generous'));
const items = storedItems(generous);
let alice: TestUser;
let bob: TestUser;

beforeAll(async () => {
  [alice, bob] = await Promise.all([seedUser(generous), seedUser(generous)]);
});

function change({ client, token }: TestUser, fields: unknown) {
  return client.patch('/users/me', fields, { token });
}

function newEmail(): string {
  return `e${randomBytes(6).toString('hex')}@example.com`;
}

/** Whose an address is, by the claim on it. */
async function ownerOf(email: string): Promise<unknown> {
  const [claim] = await items.partition(`EMAIL#${email}`);
  return claim?.['user_id'];
}

describe('PATCH /users/me', () => {
  it('changes what is sent and nothing else, and records which fields', async () => {
    const { body: before } = await alice.client.get('/users/me', { token: alice.token });
    const { status, body } = await change(alice, { department: 'Research', job_title: ' Chemist ' });
    expect(status).toBe(200);
    expect(body).toEqual({ ...before, department: 'Research', job_title: 'Chemist' });
    expect((await alice.client.get('/users/me', { token: alice.token })).body).toEqual(body);
    expect((await items.events(alice.user.id))[0]).toMatchObject({
      action: 'user_update',
      status: 'success',
      username: alice.username,
      details: { fields: ['department', 'job_title'] },
    });
  });

  it('clears a field by null', async () => {
    await change(alice, { department: 'Research', job_title: 'Chemist' });
    const { body } = await change(alice, { department: null });
    expect(body).toMatchObject({ department: null, job_title: 'Chemist' });
  });

  it('changes nothing and records nothing where nothing is sent', async () => {
    const before = await items.events(alice.user.id);
    const { status, body } = await change(alice, {});
    expect([status, body.id]).toEqual([200, alice.user.id]);
    expect(await items.events(alice.user.id)).toHaveLength(before.length);
  });

  it.each([
    ['privileges (SECURITY 24)', { is_admin: true }, 'is_admin'],
    ['a level (SECURITY 24)', { access_level: 10 }, 'access_level'],
    ['MFA (SECURITY 24)', { mfa_enabled: false }, 'mfa_enabled'],
    ['another name (SECURITY 24)', { username: 'root' }, 'username'],
    ['a password (SECURITY 24)', { password: 'Tr0ub4dor&3-other' }, 'password'],
    ['an end to the duty (SECURITY 24)', { must_change_password: false }, 'must_change_password'],
    ['a generation of sessions (SECURITY 24)', { session_generation: 0 }, 'session_generation'],
    ['a number for a text', { department: 5 }, 'department'],
    ['control characters', { job_title: 'a\u0000b' }, 'job_title'],
    ['a text that is too long', { department: 'a'.repeat(101) }, 'department'],
    ['no e-mail address', { email: 'nobody' }, 'email'],
    ['no address at all', { email: null }, 'email'],
    ['an address with a # (SECURITY 25)', { email: 'no#body@example.com' }, 'email'],
    ['an address that is too long', { email: `${'a'.repeat(250)}@example.com` }, 'email'],
  ])('refuses %s', async (_, fields, path) => {
    const answer = await change(alice, fields);
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_request', errors: [{ path }] } });
  });
});

describe('PATCH /users/me: the e-mail address', () => {
  it('moves the claim: the new address is taken, the old one free for others', async () => {
    const before = (await alice.client.get('/users/me', { token: alice.token })).body.email;
    const email = newEmail();
    const { status, body } = await change(alice, { email });
    expect([status, body.email]).toEqual([200, email]);
    expect(await change(bob, { email })).toMatchObject({ status: 409, body: { code: 'email_taken' } });
    expect((await change(bob, { email: before })).status).toBe(200);
  });

  it('is unique in every spelling, and may be spelled anew by its owner', async () => {
    const email = newEmail();
    await change(alice, { email });
    expect(await change(bob, { email: email.toUpperCase() })).toMatchObject({ body: { code: 'email_taken' } });
    const { status, body } = await change(alice, { email: email.toUpperCase() });
    expect([status, body.email]).toEqual([200, email.toUpperCase()]);
    expect(await ownerOf(email)).toBe(alice.user.id);
  });

  it('goes to one of two who want it at once; the other keeps the old one (SECURITY 30)', async () => {
    const old = new Map([
      [alice, newEmail()],
      [bob, newEmail()],
    ]);
    for (const [user, email] of old) await change(user, { email });
    const email = newEmail();
    const answers = await Promise.all([alice, bob].map((user) => change(user, { email })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const [winner, loser] = answers[0]?.status === 200 ? [alice, bob] : [bob, alice];
    expect(await ownerOf(email)).toBe(winner.user.id);
    expect(await ownerOf(old.get(winner) ?? '')).toBeUndefined();
    expect(await ownerOf(old.get(loser) ?? '')).toBe(loser.user.id);
    const { body } = await loser.client.get('/users/me', { token: loser.token });
    expect(body.email).toBe(old.get(loser));
  });

  it('is one of them, when somebody changes it several times at once: no claim is left behind', async () => {
    const wanted = Array.from({ length: 4 }, newEmail);
    const answers = await Promise.all(wanted.map((email) => change(alice, { email })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { email } = (await alice.client.get('/users/me', { token: alice.token })).body;
    const owned = await Promise.all(wanted.map(async (one) => ((await ownerOf(one)) === undefined ? [] : [one])));
    expect(owned.flat()).toEqual([email]);
  });

  it('moves once when the answer of the table is lost (SECURITY 30)', async () => {
    const email = newEmail();
    await generous.fault({
      service: 'dynamodb',
      operation: 'TransactWriteItems',
      source_ip: alice.client.sourceIp,
      match: 'EMAIL#',
      kind: 'lost_response',
    });
    expect((await change(alice, { email })).status).toBe(200);
    expect(await ownerOf(email)).toBe(alice.user.id);
  });
});

describe('PATCH /users/me within its limit', () => {
  it('takes sixty a minute; to ask for addresses of others costs as much as to change (SECURITY 10)', async () => {
    const [carol, dave] = await Promise.all([seedUser(standard), seedUser(standard)]);
    const first = await change(carol, { department: 'Sales' });
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"profile";q=60;w=60',
      ratelimit: '"profile";r=59;t=60',
    });
    const taken = await change(carol, { email: dave.email });
    expect(taken).toMatchObject({ status: 409, headers: { ratelimit: expect.stringContaining('r=58;') } });
    expect((await change(carol, {})).headers['ratelimit']).toContain('r=57;');
    for (let left = 57; left > 0; left--) await change(carol, {});
    const refused = await change(carol, {});
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await carol.client.moveClock(60_000);
    expect((await change(carol, {})).status).toBe(200);
  });
});
