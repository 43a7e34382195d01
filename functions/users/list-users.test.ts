import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { operatorOf } from '../../infra/local/testing/operator-of.ts';
import { type Answer, connect, type TestUser } from '../../infra/local/testing.ts';
import { seedAdministrator, seedUser } from '../../infra/testing/seeded-user.ts';
import * as users from '../../shared/data/users.ts';
import { canonicalUsername, userIdOf } from '../../shared/domain/ids.ts';
import { newUserWrites } from '../../shared/flows/new-user.ts';

const product = connect(inject('generous'));

/** In front of the names and addresses of this file alone. */
const mark = `q${randomBytes(4).toString('hex')}`;
const nobodysHash = `$2b$04$${'a'.repeat(53)}`;
let admin: TestUser;

/** Registers people as the service does, without the time that a password takes. */
async function register(people: readonly (readonly [username: string, email: string])[]): Promise<void> {
  const { table } = operatorOf(product);
  for (const [at, [username, email]] of people.entries()) {
    const id = userIdOf(canonicalUsername(username));
    const user = users.begin({ id, username, email, created_at: Date.now() + at });
    await table.commit(newUserWrites(user, nobodysHash), randomBytes(16).toString('hex'), AbortSignal.timeout(5000));
  }
}

beforeAll(async () => {
  admin = await seedAdministrator(product);
  await register([
    [`${mark}-anna`, `anna.${mark}@example.com`],
    [`${mark}-Bertha`, `${mark}.bertha@example.com`],
    [`${mark}-Straße`, `other.${mark}@example.com`],
    [`zz${mark}`, `${mark}+zz@example.com`],
    [`yy${mark}`, `yy.${mark}@example.com`],
  ]);
});

function list(query: Record<string, string> = {}, { client, token }: TestUser = admin) {
  return client.get(`/users?${new URLSearchParams(query)}`, { token });
}

function namesIn({ body }: Answer): string[] {
  return body.map(({ username }: { username: string }) => username);
}

/** The query of the next page. */
function nextOf({ headers }: Answer): Record<string, string> | undefined {
  const target = /^<(\/users\?[^>]*)>; rel="next"$/.exec(headers['link'] ?? '')?.[1];
  if (target === undefined) return undefined;
  return Object.fromEntries(new URL(target, 'http://localhost').searchParams);
}

/** All pages from a query on. */
async function walk(query: Record<string, string>): Promise<Answer[]> {
  const page = await list(query);
  const next = nextOf(page);
  return next === undefined ? [page] : [page, ...(await walk(next))];
}

describe('GET /users', () => {
  it('lists users, the newest first, with failed log-ins and lock and without anything that proves who they are', async () => {
    const { status, headers, body } = await list({ limit: '100' });
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    const created = body.map(({ created_at }: { created_at: string }) => created_at);
    expect(created).toEqual([...created].sort().reverse());
    const [one] = (await list({ search: admin.username })).body;
    expect(one).toEqual({
      ...admin.user,
      is_admin: true,
      last_login: expect.any(String),
      failed_login_attempts: 0,
      account_locked_until: null,
    });
  });

  it('names everybody once over all its pages, also while others register', async () => {
    const found = (await walk({ limit: '50' })).flatMap(namesIn);
    expect(new Set(found).size).toBe(found.length);
    const mine = found.filter((name) => name.includes(mark));
    expect(mine).toEqual([`yy${mark}`, `zz${mark}`, `${mark}-Straße`, `${mark}-Bertha`, `${mark}-anna`]);
  });

  it('finds by the beginning of name or address, in whatever spelling, everybody once', async () => {
    expect(namesIn(await list({ search: mark }))).toEqual([
      `zz${mark}`,
      `${mark}-anna`,
      `${mark}-Bertha`,
      `${mark}-Straße`,
    ]);
    for (const search of [`${mark}-BER`, `${mark}-\uFF22er`, ` ${mark}-ber `, `${mark}.bertha@EXAMPLE`]) {
      expect(namesIn(await list({ search }))).toEqual([`${mark}-Bertha`]);
    }
    expect(namesIn(await list({ search: `${mark}-STRASSE` }))).toEqual([`${mark}-Straße`]);
    expect(namesIn(await list({ search: `anna.${mark}` }))).toEqual([`${mark}-anna`]);
    expect(namesIn(await list({ search: mark.slice(1) }))).toEqual([]);
  });

  it.each(['#', '%', '*', '"', "' OR 1=1", '\u0000', '🙂', 'ﷺ'.repeat(100), 'a'.repeat(100)])(
    'finds nobody by %j, and does not fail (SECURITY 24, 25)',
    async (search) => {
      expect(await list({ search })).toMatchObject({ status: 200, body: [] });
    },
  );

  it('finds the new address of somebody who changed it, and no more the old one', async () => {
    const { client, token, email } = admin;
    const changed = `${mark}x@example.com`;
    await client.patch('/users/me', { email: changed }, { token });
    expect(namesIn(await list({ search: changed }))).toEqual([admin.username]);
    expect(namesIn(await list({ search: email }))).toEqual([]);
  });

  it('shows failed log-ins and a lock', async () => {
    const username = `${mark}-anna`;
    for (let tries = 0; tries < 4; tries++) await product.newClient().post('/token', { username });
    expect((await list({ search: username })).body[0]).toMatchObject({
      failed_login_attempts: 4,
      account_locked_until: null,
    });
    await product.newClient().post('/token', { username });
    const [locked] = (await list({ search: username })).body;
    expect(locked.failed_login_attempts).toBe(5);
    expect(Date.parse(locked.account_locked_until) - Date.now()).toBeGreaterThan(14 * 60_000);
  });

  it.each([
    { limit: '0' },
    { limit: '101' },
    { limit: '-1' },
    { limit: '1.5' },
    { limit: 'all' },
    { limit: '1e999' },
    { search: 'a'.repeat(101) },
    { search: ' ' },
    { is_admin: 'true' },
  ])('refuses %j (SECURITY 24)', async (query) => {
    expect(await list(query)).toMatchObject({
      status: 422,
      body: { code: 'invalid_request', errors: [{ path: `query.${Object.keys(query)[0]}` }] },
    });
  });

  it('is for administrators alone, and records who tried', async () => {
    const user = await seedUser(product);
    expect(await list({}, user)).toMatchObject({ status: 403, body: { code: 'admin_required' } });
    const query = new URLSearchParams({ user_id: user.user.id, action: 'access_denied' });
    const { body: events } = await admin.client.get(`/audit/logs?${query}`, { token: admin.token });
    expect(events).toMatchObject([
      { status: 'failure', username: user.username, details: { operation: 'users/list-users' } },
    ]);
  });

  it('needs no more than three round trips', async () => {
    const { requestId } = await list({ limit: '10' });
    const { calls, kms } = await product.calls(requestId);
    const operations = calls.map(({ operation }) => operation);
    // The first two are under way at once.
    expect([...operations.slice(0, 2).sort(), ...operations.slice(2)]).toEqual([
      'BatchGetItem',
      'Query',
      'BatchGetItem',
    ]);
    expect(kms).toBe(0);
  });
});

describe('GET /users: the cursor', () => {
  it('leads through a search page by page, whatever the size of the pages', async () => {
    const all = namesIn(await list({ search: mark }));
    for (const limit of ['1', '2', '3']) {
      const pages = await walk({ search: mark, limit });
      expect(pages.flatMap(namesIn)).toEqual(all);
      for (const { body } of pages) expect(body.length).toBeLessThanOrEqual(Number(limit));
    }
    const next = nextOf(await list({ search: mark, limit: '1' }));
    expect(namesIn(await list({ ...next, limit: '100' }))).toEqual(all.slice(1));
  });

  it('is bound to who was given it and to what was asked (SECURITY 23)', async () => {
    const next = nextOf(await list({ search: mark, limit: '1' }));
    if (next === undefined) throw new Error('There is a next page.');
    const other = await seedAdministrator(product);
    const { cursor = '' } = next;
    const audit = await admin.client.get(`/audit/logs?${new URLSearchParams({ cursor })}`, { token: admin.token });
    const refused = [
      await list(next, other),
      await list({ ...next, search: `${mark}-` }),
      await list({ cursor }),
      audit,
      await list({ ...next, cursor: `${cursor.startsWith('e') ? 'f' : 'e'}${cursor.slice(1)}` }),
      await list({ ...next, cursor: cursor.split('.')[0] ?? '' }),
      await list({ ...next, cursor: `${cursor}A` }),
      await list({ ...next, cursor: 'AAAA' }),
      await list({ ...next, cursor: '.' }),
    ];
    for (const answer of refused) expect(answer).toMatchObject({ status: 400, body: { code: 'malformed_cursor' } });
  });
});
