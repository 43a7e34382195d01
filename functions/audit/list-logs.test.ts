import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { type Answer, connect, type TestUser } from '../../infra/local/testing.ts';
import { createConfig, createKey, generate, setClock } from '../../infra/testing/otp-user.ts';
import { seedAdministrator, seedUser } from '../../infra/testing/seeded-user.ts';
import { quietHour, type WrittenEvent, writeEvents } from '../../infra/testing/written-events.ts';
import { newId } from '../../shared/domain/ids.ts';

const product = connect(inject('generous'));
const items = storedItems(product);
const second = 1000;

let admin: TestUser;
let alice: TestUser;

beforeAll(async () => {
  admin = await seedAdministrator(product);
  alice = await seedUser(product);
});

/** Asks for a part of the trail; what is undefined is not asked for. */
function read(query: Record<string, string | number | undefined>): Promise<Answer> {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) asked.set(name, String(value));
  return get(`/audit/logs?${asked}`);
}

function get(path: string, token = admin.token): Promise<Answer> {
  return admin.client.get(path, { token });
}

function nextOf({ headers }: Answer): string | undefined {
  return /^<([^>]+)>; rel="next"$/.exec(headers['link'] ?? '')?.[1];
}

/** Follows the links from page to page. */
async function readAll(first: Answer): Promise<Answer['body'][][]> {
  const pages = [first.body];
  for (let next = nextOf(first); next !== undefined; ) {
    const page = await get(next);
    expect(page.status).toBe(200);
    pages.push(page.body);
    next = nextOf(page);
  }
  return pages;
}

const between = (from: number, to: number) => ({
  since: new Date(from).toISOString(),
  until: new Date(to).toISOString(),
});

const idsOf = (entries: readonly { id: string }[]) => entries.map(({ id }) => id);

describe('GET /audit/logs', () => {
  it('tells who did what from where, the newest first, and of a name that nobody has no name', async () => {
    const from = quietHour('entries');
    const name = `n${randomBytes(6).toString('hex')}`;
    const key = await createKey(alice, product.newClient());
    const config = await createConfig(alice);
    await setClock(key.client, from + second);
    const userAgent = '=cmd|"/c calc"!A1, "quoted"';
    const failed = await key.client.post(
      '/token',
      { username: alice.username },
      { headers: { 'user-agent': userAgent } },
    );
    await setClock(key.client, from + 2 * second);
    const unknown = await key.client.post('/token', { username: name });
    await setClock(key.client, from + 3 * second);
    const generated = await generate(key, config.id);
    expect([failed.status, unknown.status, generated.status]).toEqual([422, 422, 200]);

    const answer = await read(between(from, from + 60 * second));
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(answer.headers['link']).toBeUndefined();
    const common = {
      id: expect.stringMatching(/^[a-z2-7]{16}$/),
      ip_address: key.client.sourceIp,
      timestamp: expect.any(String),
    };
    expect(answer.body).toEqual([
      {
        ...common,
        user_id: alice.user.id,
        username: alice.username,
        action: 'otp_generate',
        resource: 'otp_config',
        resource_id: String(config.id),
        status: 'success',
        user_agent: null,
        request_id: generated.headers['x-request-id'],
        details: expect.any(Object),
      },
      {
        ...common,
        user_id: null,
        username: null,
        action: 'login',
        resource: 'session',
        resource_id: null,
        status: 'failure',
        user_agent: null,
        request_id: unknown.headers['x-request-id'],
        details: expect.any(Object),
      },
      {
        ...common,
        user_id: alice.user.id,
        username: alice.username,
        action: 'login',
        resource: 'session',
        resource_id: null,
        status: 'failure',
        user_agent: userAgent,
        request_id: failed.headers['x-request-id'],
        details: expect.any(Object),
      },
    ]);
    expect(Date.parse(answer.body[2].timestamp)).toBeGreaterThanOrEqual(from + second);
    for (const secret of [name, key.token, generated.body.otp_code]) expect(answer.text).not.toContain(`"${secret}"`);
  });

  it('is for administrators: a refusal of somebody who is known is an event', async () => {
    const answer = await get('/audit/logs', alice.token);
    expect([answer.status, answer.body.code]).toEqual([403, 'admin_required']);
    const denied = (await items.events(alice.user.id)).filter(({ action }) => action === 'access_denied');
    expect(denied).toMatchObject([
      { status: 'failure', details: { operation: 'audit/list-logs', reason: 'admin_required' } },
    ]);
    const key = await createKey(admin, admin.client);
    expect((await get('/audit/logs', key.token)).body.code).toBe('user_token_required');
    expect((await product.newClient().get('/audit/logs')).status).toBe(401);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=many', 'limit'],
    ['skip=-1', 'skip'],
    ['skip=10001', 'skip'],
    ['since=yesterday', 'since'],
    ['until=2026-13-01T00:00:00Z', 'until'],
    ['until=2026-01-01T00:00:00%2B02:00', 'until'],
    ['user_id=1', 'user_id'],
    ['user_id=', 'user_id'],
    ['action=DROP%20TABLE', 'action'],
    ['status=perhaps', 'status'],
    ['sort=asc', 'sort'],
  ])('refuses %s', async (query, path) => {
    const answer = await get(`/audit/logs?${query}`);
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, `query.${path}`]);
  });
});

describe('GET /audit/logs, filtered and paged', () => {
  const from = quietHour('filters');
  const [ann, ben] = [newId(16), newId(16)];
  let all: { id: string; user_id: string; action: string; status: string; timestamp: string }[];

  beforeAll(async () => {
    const kinds = [
      { action: 'otp_generate', status: 'success' },
      { action: 'otp_validate', status: 'failure' },
      { action: 'login', status: 'success' },
      { action: 'login', status: 'failure' },
    ] as const;
    const written = Array.from({ length: 60 }, (_, at): WrittenEvent => {
      const kind = kinds[at % kinds.length];
      // Several at one instant: the order among them is the same on every page.
      return {
        ...kind,
        user_id: at % 3 === 0 ? ben : ann,
        username: 'somebody',
        at: from + Math.floor(at / 2) * second,
      };
    });
    await writeEvents(product, written);
    all = (await read({ ...between(from, from + 60 * second), limit: 100 })).body;
    expect(all).toHaveLength(60);
  });

  const window = () => between(from, from + 60 * second);

  it('has the newest first', () => {
    const times = all.map(({ timestamp }) => timestamp);
    expect(times).toEqual(times.toSorted().reverse());
  });

  it.each([
    ['a user', { user_id: ann }],
    ['an action', { action: 'login' }],
    ['a status', { status: 'failure' }],
    ['an action and a status', { action: 'login', status: 'failure' }],
    ['a user and an action of theirs', { user_id: ben, action: 'otp_validate' }],
    ['a user, an action and a status', { user_id: ann, action: 'login', status: 'success' }],
  ])('finds %s, on one page and on several', async (_, filter) => {
    const wanted = all.filter((entry) =>
      Object.entries(filter).every(([name, value]) => Reflect.get(entry, name) === value),
    );
    expect(wanted.length).toBeGreaterThan(4);
    const whole = await read({ ...window(), ...filter });
    expect(idsOf(whole.body)).toEqual(idsOf(wanted));
    const pages = await readAll(await read({ ...window(), ...filter, limit: 4 }));
    expect(pages.every((page) => page.length <= 4)).toBe(true);
    expect(idsOf(pages.flat())).toEqual(idsOf(wanted));
  });

  it('finds nothing for an action that there is not, and for a user that there is not', async () => {
    for (const filter of [{ action: 'sudo' }, { action: 'sudo', user_id: ann }, { user_id: newId(16) }]) {
      const answer = await read({ ...window(), ...filter });
      expect([answer.status, answer.body, answer.headers['link']]).toEqual([200, [], undefined]);
    }
  });

  it('takes both ends of a span of time into it', async () => {
    const [first, last] = [from + 10 * second, from + 12 * second];
    const wanted = all.filter(({ timestamp }) => Date.parse(timestamp) >= first && Date.parse(timestamp) <= last);
    expect(wanted).toHaveLength(6);
    for (const user_id of [undefined, ann]) {
      const answer = await read({ ...between(first, last), user_id });
      expect(idsOf(answer.body)).toEqual(
        idsOf(wanted.filter((entry) => user_id === undefined || entry.user_id === user_id)),
      );
    }
    expect((await read(between(last, first))).body).toEqual([]);
  });

  it('leads from page to page by Link, and skip leads to the same places', async () => {
    for (const filter of [{}, { user_id: ann }]) {
      const wanted = all.filter((entry) => filter.user_id === undefined || entry.user_id === filter.user_id);
      const pages = await readAll(await read({ ...window(), ...filter, limit: 7 }));
      expect(idsOf(pages.flat())).toEqual(idsOf(wanted));
      expect(pages.slice(0, -1).every((page) => page.length === 7)).toBe(true);
      for (const skip of [0, 7, 33, wanted.length - 1, wanted.length, 10_000]) {
        const page = await read({ ...window(), ...filter, limit: 7, skip });
        expect(idsOf(page.body)).toEqual(idsOf(wanted.slice(skip, skip + 7)));
        expect(nextOf(page) === undefined).toBe(skip + 7 >= wanted.length);
      }
      const skipped = await readAll(await read({ ...window(), ...filter, limit: 7, skip: 20 }));
      expect(idsOf(skipped.flat())).toEqual(idsOf(wanted.slice(20)));
    }
  });

  it('is not moved by what happens while somebody turns its pages', async () => {
    const [user, start] = [newId(16), quietHour('pages')];
    const write = (count: number, at: number) =>
      writeEvents(
        product,
        Array.from({ length: count }, () => ({ user_id: user, at })),
      );
    await write(10, start);
    const first = await read({ user_id: user, limit: 5 });
    await write(10, start + second);
    const next = await get(nextOf(first) ?? '');
    expect(new Set([...idsOf(first.body), ...idsOf(next.body)]).size).toBe(10);
    expect(next.body.every(({ timestamp }: { timestamp: string }) => Date.parse(timestamp) === start)).toBe(true);
  });

  it('lets the size of a page change, and nothing else: a cursor is of one caller and one question', async () => {
    const other = await seedAdministrator(product);
    const link = nextOf(await read({ ...window(), action: 'login', limit: 5 })) ?? '';
    const [path = '', query] = link.split('?');
    const asked = (changes: Record<string, string>) => {
      const all = new URLSearchParams(query);
      for (const [name, value] of Object.entries(changes)) all.set(name, value);
      return `?${all}`;
    };
    const cursor = new URLSearchParams(query).get('cursor') ?? '';
    const larger = await get(`${path}${asked({ limit: '6' })}`);
    expect([larger.status, larger.body.length]).toEqual([200, 6]);
    const [place = '', signature = ''] = cursor.split('.');
    const moved = Buffer.from(JSON.stringify({ before: '~', skip: 0 })).toString('base64url');
    const refusals = [
      await get(link, other.token),
      await get(`${path}${asked({ action: 'otp_generate' })}`),
      await get(`${path}${asked({ status: 'failure' })}`),
      await get(`${path}${asked({ user_id: ann })}`),
      await get(`${path}${asked({ until: new Date(from + 59 * second).toISOString() })}`),
      await get(`/audit/export${asked({})}`),
      await get(`${path}${asked({ cursor: `${moved}.${signature}` })}`),
      await get(`${path}${asked({ cursor: place })}`),
      await get(`${path}${asked({ cursor: `${place}.` })}`),
      await get(`${path}${asked({ cursor: `${place}.${signature.slice(0, -4)}AAAA` })}`),
      await get(`${path}${asked({ cursor: 'nothing' })}`),
    ];
    for (const refusal of refusals) expect([refusal.status, refusal.body.code]).toEqual([400, 'malformed_cursor']);
  });

  it('leads on under the console’s origin too, where the same path is below /api (RFC 8288)', async () => {
    const client = product.newClient(undefined, product.info.console);
    const query = new URLSearchParams({ ...window(), limit: '50' });
    const first = await client.get(`/api/audit/logs?${query}`, { token: admin.token });
    const target = new URL(nextOf(first) ?? '', `${product.info.console}/api/audit/logs`);
    const second = await client.get(`${target.pathname}${target.search}`, { token: admin.token });
    expect(idsOf([...first.body, ...second.body])).toEqual(idsOf(all));
  });

  it('reads a bounded number of times', async () => {
    const { requestId } = await read({ ...window(), user_id: ann });
    const { calls, dynamodb } = await product.calls(requestId);
    expect(calls.every(({ operation }) => ['BatchGetItem', 'Query', 'TransactWriteItems'].includes(operation))).toBe(
      true,
    );
    // The caller, and each class of the user's events once; a session's use is noted once a minute.
    expect(dynamodb).toBeLessThanOrEqual(4);
  });

  it('is a 503 when the index does not answer, never a page with a hole', async () => {
    const fault = {
      service: 'dynamodb',
      operation: 'Query',
      match: 'AUDIT#1',
      source_ip: admin.client.sourceIp,
    } as const;
    const { clear } = await product.fault({ ...fault, kind: 'error', code: 'InternalServerError', times: 'forever' });
    const failed = await read(window());
    await clear();
    expect([failed.status, failed.body.code]).toEqual([503, 'try_again']);
    expect(failed.headers['retry-after']).toBeDefined();
  });
});
