import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { hashQuickly } from '../../infra/local/testing/hash-quickly.ts';
import { type MfaUser, newMfaUser } from '../../infra/local/testing/mfa-user.ts';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const standard = connect(inject('standard'));
const generous = connect(inject('generous'));
const items = storedItems(generous);

const path = '/users/me/mfa/recovery-codes';
let alice: MfaUser;

beforeAll(async () => {
  alice = await hashQuickly(generous, await newMfaUser(generous));
});

function create({ client, token }: TestUser, headers = {}) {
  return client.post(path, undefined, { token, headers });
}

/** Whether a recovery code lets somebody in. */
async function letsIn({ client, username, password }: TestUser, recovery_code: string): Promise<boolean> {
  const { status, body } = await client.post('/token', { username, password, recovery_code });
  if (status === 200 && body.access_token !== null) return true;
  expect([status, body.code]).toEqual([401, 'invalid_credentials']);
  return false;
}

describe('POST /users/me/mfa/recovery-codes', () => {
  it('answers a new set of ten, once, and the old one works no more (SECURITY 18)', async () => {
    const answer = await create(alice);
    expect(answer.status).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    const codes: string[] = answer.body.recovery_codes;
    expect(answer.body).toEqual({ recovery_codes: codes });
    expect(new Set([...codes, ...alice.recoveryCodes]).size).toBe(20);
    for (const code of codes) expect(code).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
    const events = await items.events(alice.user.id);
    expect(events[0]).toMatchObject({ action: 'recovery_codes_create', status: 'success', details: {} });

    expect(await letsIn(alice, alice.recoveryCodes[0] ?? '')).toBe(false);
    expect(await letsIn(alice, codes[0] ?? '')).toBe(true);
    const written = JSON.stringify([events, await generous.logs({ request_id: answer.requestId })]);
    for (const code of codes) expect(written).not.toContain(code);
  });

  it('gives codes that each work once, however they are typed (SECURITY 1)', async () => {
    const codes: string[] = (await create(alice)).body.recovery_codes;
    const typed = (code: string, at: number) =>
      [code, code.toUpperCase(), code.replaceAll('-', ''), ` ${code.replaceAll('-', ' ')} `][at % 4] ?? code;
    for (const [at, code] of codes.entries()) expect(await letsIn(alice, typed(code, at))).toBe(true);
    for (const code of codes.slice(0, 4)) expect(await letsIn(alice, code)).toBe(false);
    const { body } = await alice.client.get(path, { token: alice.token });
    expect(body).toEqual({ remaining: 0 });
    // The secret lets in as before.
    const { client, username, password } = alice;
    const mfa_code = alice.code(1);
    expect((await client.post('/token', { username, password, mfa_code })).body.mfa_required).toBe(false);
  });

  it('gives codes of which one lets in one of twenty who send it at once (SECURITY 1)', async () => {
    const [code] = (await create(alice)).body.recovery_codes;
    const { client, token, password } = alice;
    const use = () => client.post('/users/me/step-up', { password, recovery_code: code }, { token });
    const answers = await Promise.all(Array.from({ length: 20 }, use));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    // A wrong one counts as a failure: the fifth locks.
    expect(answers.filter(({ status }) => ![200, 403, 423, 503].includes(status))).toEqual([]);
    expect((await client.get(path, { token })).body).toEqual({ remaining: 9 });
    await items.change({ pk: `LOGIN#${alice.user.id}`, sk: 'GUARD' }, { locked_until: 1 });
  });

  it('answers the same Idempotency-Key with the same codes, kept sealed', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const [first, again] = [await create(alice, headers), await create(alice, headers)];
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.body).toEqual(first.body);
    expect(await letsIn(alice, first.body.recovery_codes[0])).toBe(true);
    const [kept] = await items.partition(`IDEM#${alice.user.id}`);
    expect(kept).toMatchObject({ sealed: expect.any(Uint8Array) });
  });

  it('leaves one set of two that are made at once', async () => {
    const answers = await Promise.all([create(alice), create(alice)]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    const worked = [];
    for (const { body } of answers) worked.push(await letsIn(alice, body.recovery_codes[0]));
    expect(worked.sort()).toEqual([false, true]);
  });

  it('needs a fresh session (SECURITY 17)', async () => {
    await alice.pass(11);
    const refused = await create(alice);
    await alice.pass(-11);
    expect(refused).toMatchObject({ status: 403, body: { code: 'fresh_session_required' } });
  });
});

describe('POST /users/me/mfa/recovery-codes within its limit', () => {
  it('is refused where MFA is off; takes five an hour (SECURITY 10)', async () => {
    const user = await seedUser(standard);
    const first = await create(user);
    expect(first).toMatchObject({ status: 409, body: { code: 'mfa_not_enabled' } });
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"recovery_codes";q=5;w=3600',
      ratelimit: '"recovery_codes";r=4;t=3600',
    });
    for (let tries = 0; tries < 4; tries++) await create(user);
    expect(await create(user)).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
  });
});
