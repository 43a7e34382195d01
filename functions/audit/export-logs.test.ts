import { beforeAll, describe, expect, inject, it } from 'vitest';
import { storedItems } from '../../infra/local/testing/stored-items.ts';
import { type Answer, connect, type TestUser } from '../../infra/local/testing.ts';
import { createKey } from '../../infra/testing/otp-user.ts';
import { seedAdministrator, seedUser } from '../../infra/testing/seeded-user.ts';
import { quietHour, writeEvents } from '../../infra/testing/written-events.ts';
import { newId } from '../../shared/domain/ids.ts';

const standard = connect(inject('standard'));
const product = connect(inject('generous'));
const items = storedItems(product);
const second = 1000;

const from = quietHour('export');
const user = newId(16);
const agents = [
  '=HYPERLINK("https://evil.example","open")',
  '+1+cmd|calc',
  '-2+3',
  '@SUM(A1)',
  '\t=1',
  'a "quoted", and\r\nbroken one',
  undefined,
  'curl/8',
];

let admin: TestUser;

beforeAll(async () => {
  admin = await seedAdministrator(product);
  await writeEvents(
    product,
    Array.from({ length: 40 }, (_, at) => ({
      user_id: user,
      username: 'ada',
      at: from + at * second,
      action: at % 2 === 0 ? ('otp_generate' as const) : ('login' as const),
      user_agent: agents[at % agents.length],
      details: { number: at },
    })),
  );
});

const window = { since: new Date(from).toISOString(), until: new Date(from + 60 * second).toISOString() };

function download(query: Record<string, string>, { client, token } = admin): Promise<Answer> {
  return client.get(`/audit/export?${new URLSearchParams({ ...window, ...query })}`, { token });
}

/** Follows the links from page to page. */
async function downloadAll(first: Answer): Promise<Answer[]> {
  const pages = [first];
  for (let last = first; ; pages.push(last)) {
    const next = /^<([^>]+)>; rel="next"$/.exec(last.headers['link'] ?? '')?.[1];
    if (next === undefined) return pages;
    last = await admin.client.get(next, { token: admin.token });
    expect(last.status).toBe(200);
  }
}

/** RFC 4180, strictly: records end with CRLF, a quote within quotes is doubled. */
function parseCsv(text: string): string[][] {
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  const records: string[][] = [[]];
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (match === null) throw new Error('This is no CSV.');
    records.at(-1)?.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '\r\n') records.push([]);
  }
  return records.slice(0, -1);
}

const exportsOf = async (userId: string) =>
  (await items.events(userId)).filter(({ action }) => action === 'audit_export');

describe('GET /audit/export', () => {
  it('is NDJSON unless asked otherwise: the entries of the logs, one a line', async () => {
    const answer = await download({});
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-ndjson; charset=utf-8',
      'cache-control': 'no-store',
      'content-disposition': expect.stringMatching(/^attachment; filename="audit-\d{4}-\d\d-\d\d\.ndjson"$/),
      'ratelimit-policy': expect.stringMatching(/^"audit_export";/),
    });
    expect(answer.text.endsWith('}\n')).toBe(true);
    const lines = answer.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const logs = await admin.client.get(`/audit/logs?${new URLSearchParams(window)}`, { token: admin.token });
    expect(lines).toHaveLength(40);
    expect(lines).toEqual(logs.body);
  });

  it('is CSV on request, in which nothing is a formula (OWASP, CSV Injection)', async () => {
    const answer = await download({ format: 'csv' });
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(answer.headers['content-disposition']).toMatch(/\.csv"$/);
    const [names, ...records] = parseCsv(answer.text);
    expect(names).toEqual([
      'timestamp',
      'user_id',
      'username',
      'action',
      'resource',
      'resource_id',
      'status',
      'ip_address',
      'user_agent',
      'request_id',
      'id',
      'details',
    ]);
    expect(records).toHaveLength(40);
    for (const [at, record] of records.toReversed().entries()) {
      const agent = agents[at % agents.length] ?? '';
      const isFormula = /^\s*[=+\-@]/.test(agent);
      expect(record).toHaveLength(12);
      expect(record[8]).toBe(isFormula ? `'${agent}` : agent);
      expect(JSON.parse(record[11] ?? '')).toEqual({ number: at });
      for (const cell of record) expect(cell).not.toMatch(/^\s*[=+\-@]/);
    }
  });

  it.each(['ndjson', 'csv'])('leads from page to page by Link: the pages of %s are one file', async (format) => {
    const whole = await download({ format });
    const pages = await downloadAll(await download({ format, limit: '15' }));
    expect(pages).toHaveLength(3);
    expect(pages.map(({ text }) => text).join('')).toBe(whole.text);
  });

  it('takes the filters of the logs', async () => {
    for (const filter of [{ user_id: user }, { action: 'login' }, { status: 'success', action: 'login' }]) {
      const answer = await download({ ...filter, limit: '1000' });
      const logs = await admin.client.get(`/audit/logs?${new URLSearchParams({ ...window, ...filter })}`, {
        token: admin.token,
      });
      expect(
        answer.text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ).toEqual(logs.body);
    }
    const nothing = await download({ status: 'failure' });
    expect([nothing.status, nothing.text]).toEqual([200, '']);
    expect(parseCsv((await download({ status: 'failure', format: 'csv' })).text)).toHaveLength(1);
  });

  it('is recorded itself, once for all its pages, with what was asked for', async () => {
    const before = (await exportsOf(admin.user.id)).length;
    await downloadAll(await download({ format: 'csv', limit: '10', action: 'otp_generate' }));
    const [event, ...others] = await exportsOf(admin.user.id);
    expect(others).toHaveLength(before);
    expect(event).toMatchObject({
      status: 'success',
      resource: 'system',
      username: admin.username,
      details: { format: 'csv', action: 'otp_generate', ...window },
    });
  });

  it('gives nothing when its event cannot be written', async () => {
    const client = product.newClient();
    const fault = { service: 'dynamodb', operation: 'TransactWriteItems', source_ip: client.sourceIp } as const;
    const { clear } = await product.fault({ ...fault, kind: 'error', code: 'InternalServerError', times: 'forever' });
    const failed = await download({}, { ...admin, client });
    await clear();
    expect([failed.status, failed.body.code]).toEqual([503, 'try_again']);
    expect(failed.text).not.toContain(user);
  });

  it('is for administrators', async () => {
    const bob = await seedUser(product);
    const answer = await download({}, bob);
    expect([answer.status, answer.body.code]).toEqual([403, 'admin_required']);
    const key = await createKey(admin, admin.client);
    expect((await download({}, { ...admin, token: key.token })).body.code).toBe('user_token_required');
    expect((await product.newClient().get('/audit/export')).status).toBe(401);
    // Nor does somebody else's page lead on for them: being refused comes before the cursor.
    const { headers } = await download({ limit: '1' });
    const next = /^<([^>]+)>/.exec(headers['link'] ?? '')?.[1] ?? '';
    expect((await bob.client.get(next, { token: bob.token })).body.code).toBe('admin_required');
  });

  it.each([
    ['another format', { format: 'xml' }, 'format'],
    ['no rows', { limit: '0' }, 'limit'],
    ['more rows than a page holds', { limit: '1001' }, 'limit'],
    ['a place to skip to, which only the logs have', { skip: '5' }, 'skip'],
  ])('refuses %s', async (_, query, path) => {
    const answer = await download(query);
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, `query.${path}`]);
  });

  it('lets ten begin an hour, and each be read to its end', async () => {
    const other = await seedAdministrator(standard);
    const ask = (query: string) => other.client.get(`/audit/export?${query}`, { token: other.token });
    let last = await ask('limit=1');
    for (let begun = 1; begun < 10; begun++) last = await ask('limit=1');
    expect(last.headers['ratelimit']).toMatch(/^"audit_export";r=0;t=\d+$/);
    const refusal = await ask('limit=1');
    expect([refusal.status, refusal.body.code]).toEqual([429, 'rate_limited']);
    expect(refusal.headers['ratelimit-policy']).toBe('"audit_export";q=10;w=3600');
    const next = /^<\/audit\/export\?([^>]+)>/.exec(last.headers['link'] ?? '')?.[1] ?? '';
    const page = await ask(next);
    expect([page.status, page.headers['ratelimit']]).toEqual([200, undefined]);
    // A page that was never given is no way around.
    expect((await ask(next.replace(/cursor=\w/, 'cursor=_'))).body.code).toBe('malformed_cursor');
  });
});
