import { beforeAll, describe, expect, inject, test } from 'vitest';
import { type Client, connect, type TestUser } from '../infra/local/testing.ts';
import { createKey } from '../infra/testing/otp-user.ts';
import { seedUser } from '../infra/testing/seeded-user.ts';
import { contracts, type Operation } from '../shared/api/index.ts';
import type { Contract } from '../shared/api/route.ts';
import { scopes } from '../shared/api/route.ts';
import { session } from '../shared/domain/policy.ts';

const product = connect(inject('generous'));

/** Every route that asks who is there. */
const routes: readonly Contract[] = contracts.filter(({ who }) => who !== 'public');

/** Ids that are well formed and nobody's: nothing is changed by a call, whoever makes it. */
const nobodys: Readonly<Record<string, string>> = {
  config_id: '999999',
  user_id: 'a'.repeat(26),
  session_id: 'a'.repeat(43),
  key_id: 'a'.repeat(10),
};

const password = 'Wrong-Horse-Battery-7';

/** A body that each route takes, where it takes one. */
const bodies: Partial<Record<Operation, unknown>> = {
  'users/change-me': { department: 'Research' },
  'users/change-password': { current_password: password, new_password: `${password}!` },
  'users/step-up': { password },
  'users/verify-mfa': { mfa_code: '000000' },
  'users/change-user': { department: 'Research' },
  'otp/create-config': { name: 'Every route', otp_type: 'totp' },
  'otp/change-config': { name: 'Every route' },
  'otp/resync-config': { code1: '000000', code2: '000001' },
  'otp/import-configs': { data: ['otpauth://totp/x?secret=AAAA'], dry_run: true },
  'otp/export-configs': { format: 'otpauth' },
  'otp/generate-code': { config_id: 999_999 },
  'otp/validate-code': { config_id: 999_999, otp_code: '000000' },
  'otp/bulk-generate-codes': [999_999],
  'api-keys/create-api-key': { name: 'Every route', scopes: ['otp:generate'] },
};

function ask(client: Client, { method, path, operation }: Contract, token: string) {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => nobodys[name] ?? expect.unreachable(name));
  const body = Object.entries(bodies).find(([name]) => name === operation)?.[1];
  return client.send(method, filled, body, { token });
}

/** Routes of a kind, in parts for each of which one session is fresh or alive long enough, a minute and more a route. */
function inParts(of: readonly Contract[], size: number): Contract[][] {
  return Array.from({ length: Math.ceil(of.length / size) }, (_, at) => of.slice(at * size, (at + 1) * size));
}

const freshRoutes = routes.filter(({ fresh }) => fresh);
const otherRoutes = routes.filter(({ fresh }) => !fresh);
const parts = [...inParts(freshRoutes, 4), ...inParts(otherRoutes, 20)];

let administrator: TestUser;

beforeAll(async () => {
  administrator = await product.newAdministrator();
});

describe('every route that asks who is there', () => {
  test('is named here with a body that it takes', () => {
    const needing = routes.filter(({ body }) => body !== undefined).map(({ operation }) => operation);
    expect(Object.keys(bodies).sort()).toEqual(needing.sort());
  });

  test.each(parts.map((part) => [part.map(({ operation }) => operation).join(', '), part] as const))(
    'notes that the session was used, when the last note is a minute old: %s',
    async (_, part) => {
      const client = product.newClient();
      const { token } = await product.logIn(client, administrator);
      const unwritten: string[] = [];
      for (const [step, route] of part.entries()) {
        await client.moveClock((step + 1) * (session.touchSeconds + 1) * 1000);
        const { status, body, text, requestId } = await ask(client, route, token);
        // A wrong password is refused too, but by somebody who knows who asks.
        const isRefusal = status === 403 && body.code !== 'wrong_password';
        expect(isRefusal || [401, 422, 500, 503].includes(status), `${route.operation}: ${text}`).toBe(false);
        const { calls } = await product.calls(requestId);
        const writes = calls.filter(({ operation }) => /Write|Put|Update|Delete/.test(operation));
        if (writes.length === 0) unwritten.push(route.operation);
      }
      expect(unwritten).toEqual([]);
    },
  );

  test('recognises an API key, refuses it where it does not reach, and records that (SECURITY 17, 21)', async () => {
    const owner = await seedUser(product);
    const client = product.newClient();
    const keys = await Promise.all(scopes.map((scope) => createKey(owner, client, { scopes: [scope] })));
    const refusals: unknown[] = [];
    // One after the other: every one of these functions may have to start.
    for (const route of routes) {
      const key = keys[scopes.findIndex((scope) => scope !== route.scope)] ?? expect.unreachable();
      const { status, body } = await ask(client, route, key.token);
      refusals.push([route.operation, status, body?.code]);
    }
    expect(refusals).toEqual(
      routes.map(({ operation, scope }) => [operation, 403, scope ? 'scope_missing' : 'user_token_required']),
    );

    const recorded = new Set<unknown>();
    // Anew: one of the routes has ended the administrator's other sessions.
    const { token } = await product.logIn(administrator.client, administrator);
    const found = await administrator.client.get(
      `/audit/logs?limit=100&action=access_denied&user_id=${owner.user.id}`,
      {
        token,
      },
    );
    for (const { details, status } of found.body) {
      expect(status).toBe('failure');
      recorded.add(details.operation);
    }
    expect([...recorded].sort()).toEqual(routes.map(({ operation }) => operation).sort());
  });

  test('notes that an API key was used, where it reaches', async () => {
    const owner = await seedUser(product);
    const client = product.newClient();
    const reached = routes.filter(({ scope }) => scope !== undefined);
    const writes = await Promise.all(
      reached.map(async (route) => {
        const key = await createKey(owner, client, { scopes: [route.scope] });
        const { requestId } = await ask(client, route, key.token);
        const { calls } = await product.calls(requestId);
        return calls.filter(({ operation }) => /Write|Update/.test(operation)).length;
      }),
    );
    expect(writes).toEqual(reached.map(() => 1));
    const listed = await owner.client.get('/api-keys', { token: owner.token });
    expect(listed.body).toHaveLength(reached.length);
    for (const { last_used_at } of listed.body) expect(last_used_at).not.toBeNull();
  });

  test('turns a session away that has ended, and writes nothing (SECURITY 20)', async () => {
    const { client, token, refreshToken } = await seedUser(product);
    expect((await client.post('/token/revoke', { token: refreshToken })).status).toBe(200);
    const answers = await Promise.all(
      routes.map(async (route) => {
        const { status, body, headers, requestId } = await ask(client, route, token);
        const { calls } = await product.calls(requestId);
        return [
          route.operation,
          status,
          body?.code,
          headers['www-authenticate'],
          calls.map(({ operation }) => operation),
        ];
      }),
    );
    expect(answers).toEqual(
      routes.map(({ operation }) => [
        operation,
        401,
        'authentication_required',
        'Bearer',
        expect.not.arrayContaining([expect.stringMatching(/Write|Put|Update|Delete/)]),
      ]),
    );
  });
});
