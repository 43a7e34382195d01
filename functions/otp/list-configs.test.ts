import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { createConfig, createKey } from '../../infra/testing/otp-user.ts';
import { openRawTable } from '../../infra/testing/raw-table.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';
import { otp } from '../../shared/domain/policy.ts';

const product = connect(inject('generous'));
const table = openRawTable(inject('generous'));
let alice: TestUser;
let bob: TestUser;

beforeAll(async () => {
  [alice, bob] = await Promise.all([seedUser(product), seedUser(product)]);
  await createConfig(alice, { name: 'Mail', issuer: 'Acme', account: 'alice@acme.example' });
  await createConfig(alice, { name: 'VPN', issuer: 'ACME Labs', otp_type: 'hotp', counter: 5 });
  await createConfig(alice, { name: 'Straße', account: 'Zoë' });
  await createConfig(alice, { name: 'Old mail', digits: 8 });
  await createConfig(alice, { name: 'Bank', account: 'mail' });
  await alice.client.patch('/otp/configs/4', { is_active: false }, { token: alice.token });
});

function list(query = '', { client, token } = alice) {
  return client.get(`/otp/configs${query}`, { token });
}

const idsOf = ({ body }: { body: { id: number }[] }) => body.map(({ id }) => id);
const nextOf = ({ headers }: { headers: Readonly<Record<string, string>> }) =>
  /^<\/otp\/configs(\?[^>]+)>; rel="next"$/.exec(headers['link'] ?? '')?.[1];

describe('GET /otp/configs', () => {
  it('answers one’s configurations by id, as each is answered alone', async () => {
    const answer = await list();
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    const alone = [1, 2, 3, 4, 5].map((id) => alice.client.get(`/otp/configs/${id}`, { token: alice.token }));
    expect(answer.body).toEqual((await Promise.all(alone)).map(({ body }) => body));
    expect(answer.headers).not.toHaveProperty('link');
    expect(answer.headers).not.toHaveProperty('ratelimit');
  });

  it('answers an empty list to who has none, and nothing of others (SECURITY 23)', async () => {
    expect(await list('', bob)).toMatchObject({ status: 200, body: [] });
  });

  it.each([
    ['search=mail', [1, 4, 5]],
    ['search=ACME', [1, 2]],
    ['search=stra%C3%9Fe', [3]],
    ['search=ZO%C3%8B', [3]],
    ['search=%20vpn%20', [2]],
    ['search=nothing', []],
    // What spans two fields stands in none.
    ['search=Mail%0AAcme', []],
    ['is_active=true', [1, 2, 3, 5]],
    ['is_active=false', [4]],
    ['search=mail&is_active=true', [1, 5]],
  ])('with %s answers %j', async (query, ids) => {
    expect(idsOf(await list(`?${query}`))).toEqual(ids);
  });

  it('goes on from page to page by the Link, filters and limit kept, until it ends', async () => {
    const first = await list('?limit=2&is_active=true');
    expect(idsOf(first)).toEqual([1, 2]);
    const next = nextOf(first) ?? '';
    expect(next).toMatch(/limit=2.*is_active=true.*cursor=|is_active=true.*limit=2.*cursor=/);
    const second = await list(next);
    expect(idsOf(second)).toEqual([3, 5]);
    expect(nextOf(second)).toBeUndefined();
    // The limit may change in between.
    expect(idsOf(await list(next.replace('limit=2', 'limit=1')))).toEqual([3]);
  });

  it('shows on the next page what a deletion meanwhile left, none twice', async () => {
    for (const name of ['a', 'b', 'c']) await createConfig(bob, { name });
    const [first] = idsOf(await list('?limit=1', bob));
    const next = nextOf(await list('?limit=1', bob)) ?? '';
    await bob.client.delete(`/otp/configs/${first}`, { token: bob.token });
    expect(idsOf(await list(next, bob))).toEqual([Number(first) + 1]);
  });

  it('takes a cursor from its caller and with its filters only (SECURITY 23)', async () => {
    const next = nextOf(await list('?limit=1&search=mail')) ?? '';
    const cursor = new URLSearchParams(next).get('cursor') ?? '';
    const [place = '', signature = ''] = cursor.split('.');
    const forged = Buffer.from(JSON.stringify({ after: 3 })).toString('base64url');
    const tries = [
      await list(next, bob),
      await list(next.replace('mail', 'bank')),
      await list(next.replace('search=mail&', '')),
      await list(`?limit=1&search=mail&cursor=${forged}.${signature}`),
      await list(`?limit=1&search=mail&cursor=${place}`),
      await list(`?limit=1&search=mail&cursor=${place}.${'A'.repeat(22)}`),
      await list('?cursor=x'),
    ];
    for (const { status, body } of tries) expect([status, body.code]).toEqual([400, 'malformed_cursor']);
    expect(idsOf(await list(next))).toEqual([4]);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['is_active=yes', 'is_active'],
    ['is_active=', 'is_active'],
    ['search=', 'search'],
    [`search=${'x'.repeat(101)}`, 'search'],
    ['cursor=', 'cursor'],
    ['user_id=1', 'user_id'],
  ])('refuses %s', async (query, field) => {
    const { status, body } = await list(`?${query}`);
    expect([status, body.code]).toEqual([422, 'invalid_request']);
    expect(body.errors.map((error: { path: string }) => error.path)).toEqual([`query.${field}`]);
  });

  it('shows an API key its own configurations, where it may list', async () => {
    const confined = await createKey(alice, product.newClient(), { scopes: ['otp:configs:read'], config_ids: [2, 4] });
    expect(idsOf(await list('', { ...alice, ...confined }))).toEqual([2, 4]);
    const other = await createKey(alice, product.newClient(), { scopes: ['otp:generate', 'otp:validate'] });
    const refused = await list('', { ...alice, ...other });
    expect(refused).toMatchObject({ status: 403, body: { code: 'scope_missing' } });
  });

  it('needs somebody', async () => {
    const { status, headers, body } = await product.newClient().get('/otp/configs');
    expect([status, body.code, headers['www-authenticate']]).toEqual([401, 'authentication_required', 'Bearer']);
  });

  it('lists a thousand with the longest names, which one page of the table does not hold', async () => {
    const carol = await seedUser(product);
    const { created } = await createConfig(carol);
    const item = await table.get(`CONFIG#${carol.user.id}`, '0000000001');
    const long = { name: '漢'.repeat(100), issuer: '漢'.repeat(64), account: '漢'.repeat(128) };
    const rest = Array.from({ length: otp.configsPerUser - 1 }, (_, at) => at + 2);
    await Promise.all(rest.map((id) => table.put({ ...item, ...long, id, sk: String(id).padStart(10, '0') })));
    const ids: number[] = [];
    for (let query: string | undefined = '?limit=100'; query !== undefined; ) {
      const page = await list(query, carol);
      expect(page.status).toBe(200);
      ids.push(...idsOf(page));
      query = nextOf(page);
    }
    expect(ids).toEqual([created.id, ...rest]);
    expect(idsOf(await list(`?search=${encodeURIComponent(created.name)}`, carol))).toEqual([1]);
  });
});
