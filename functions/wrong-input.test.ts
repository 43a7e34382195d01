import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Answer, type Client, connect, type RequestOptions, type TestUser } from '../infra/local/testing.ts';
import { expectProblem } from '../infra/testing/expect-problem.ts';
import { createConfig } from '../infra/testing/otp-user.ts';
import {
  fieldsOf,
  rightValue,
  type SchemaPart,
  shapesOf,
  writeJson,
  wrongValues,
} from '../infra/testing/schema-values.ts';
import { seedAdministrator, seedUser } from '../infra/testing/seeded-user.ts';
import { contracts } from '../shared/api/index.ts';
import { methodsOf } from '../shared/api/methods-of-path.ts';
import type { ProblemCode } from '../shared/api/problems.ts';
import { type Contract, scopes } from '../shared/api/route.ts';
import { idempotency, request, session } from '../shared/domain/policy.ts';

/*
 * What programs send is wrong in every way (SPEC §3). Everything here is made from the contracts: an endpoint that is added is
 * tested without a line more, and the titles name it. What is right only in its form is enough: it is refused before it is read.
 */

const product = connect(inject('generous'));

let alice: TestUser;
let mallory: TestUser;
let admin: TestUser;
/** Somebody who must change the password first. */
let beginner: TestUser;
/** Keys of Alice: one without the scope, by the scope that it lacks. */
const keysWithout: Record<string, string> = {};
/** What is Alice's, by the name of the parameter. */
const aliceOwns: Record<string, string> = {};

beforeAll(async () => {
  // One after the other: one instance logs all in.
  alice = await seedUser(product);
  mallory = await seedUser(product);
  admin = await seedAdministrator(product);
  beginner = await seedUser(product);
  const { client, token } = alice;
  const createKey = async (granted: readonly string[]) =>
    (await client.post('/api-keys', { name: 'Test', scopes: granted }, { token })).body;
  for (const scope of scopes) keysWithout[scope] = (await createKey(scopes.filter((other) => other !== scope))).key;
  aliceOwns['key_id'] = (await createKey(scopes)).id;
  aliceOwns['config_id'] = String((await createConfig(alice)).id);
  aliceOwns['session_id'] = (await client.get('/users/me/sessions', { token })).body[0].id;
  await admin.client.patch(`/users/${beginner.user.id}`, { must_change_password: true }, { token: admin.token });
});

const named = contracts.map((contract) => ({ name: `${contract.method} ${contract.path}`, contract }));

/** A request, as far as it differs from one that is right in its form. */
interface Sent {
  readonly path?: string;
  readonly query?: string;
  readonly body?: unknown;
  /** Instead of a body: what is sent as it stands. */
  readonly raw?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string | undefined;
  readonly client?: Client;
}

/** Sends a request to a route, right in everything that is not said otherwise, by whoever may send it. */
function send(contract: Contract, { path, query = '', body, raw, headers, token, client }: Sent = {}): Promise<Answer> {
  const { who, method } = contract;
  const sender = who === 'admin' ? admin : alice;
  const options: RequestOptions = {
    token: who === 'public' ? token : (token ?? sender.token),
    headers: { origin: 'https://elsewhere.example', 'content-type': 'application/json', ...headers },
  };
  const right = body === undefined ? rightBody(contract) : body;
  const written = raw ?? (right === undefined ? undefined : writeJson(right));
  return (client ?? sender.client).send(method, `${path ?? rightPath(contract)}${query}`, written, options);
}

/** A path of the right form, with ids that nobody has where none are given. */
function rightPath({ path, params }: Contract, given: Readonly<Record<string, string>> = {}): string {
  const [shape] = params ? shapesOf(params) : [];
  const values = shape === undefined ? {} : Object(rightValue(shape));
  const known: Readonly<Record<string, string>> = { ...values, ...absentIds, ...given };
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(known[name]));
}

const absentIds: Readonly<Record<string, string>> = { config_id: '999999999' };

function rightBody(contract: Contract): unknown {
  const [shape] = contract.body ? shapesOf(contract.body) : [];
  return shape === undefined ? undefined : rightBodyOf(contract, shape);
}

/** A body of a shape. What no schema asks for and a rule does is found by asking that rule. */
function rightBodyOf({ body, method, path }: Contract, shape: SchemaPart): unknown {
  const required = rightValue(shape);
  const asked = body?.safeParse(required);
  if (asked?.success !== false) return required;
  const missing = asked.error.issues.map((issue) => String(issue.path[0]));
  const complete = rightValue(shape, missing);
  if (body?.safeParse(complete).success) return complete;
  throw new Error(`No body of the right form can be made for ${method} ${path}: ${asked.error.message}`);
}

/** Holds that an answer is a 422 that names these fields, and no other. */
function expectErrorsAt(contract: Contract, answer: Answer, ...paths: string[]): void {
  expectProblem(contract, answer, 'invalid_request');
  expect(pathsOf(answer), answer.text).toEqual(paths.toSorted());
}

/** The fields that a 422 names; of a list within one, the field. */
function pathsOf({ body }: Answer): string[] {
  const paths: string[] = (body.errors ?? []).map(({ path }: { path: string }) => path.replace(/\.\d+(\..*)?$/, ''));
  return [...new Set(paths)].sort();
}

/** Holds for each, one after the other, so that one instance of a function answers all; what fails says which of them it was. */
async function each<Case>(cases: readonly Case[], hold: (one: Case) => Promise<void>): Promise<void> {
  for (const one of cases) {
    try {
      await hold(one);
    } catch (error) {
      if (error instanceof Error) error.message = `${JSON.stringify(one).slice(0, 200)}: ${error.message}`;
      throw error;
    }
  }
}

/**
 * Each field's wrong values, one after the other, all fields in one request: an answer must name every field that is wrong in it.
 * A field that has fewer than others is left out at the end.
 */
function rounds(fields: readonly (readonly [name: string, wrong: readonly unknown[]])[]): Record<string, unknown>[] {
  const most = Math.max(0, ...fields.map(([, wrong]) => wrong.length));
  return Array.from({ length: most }, (_, round) =>
    Object.fromEntries(fields.flatMap(([name, wrong]) => (round < wrong.length ? [[name, wrong[round]]] : []))),
  );
}

describe.each(named.filter(({ contract }) => contract.body))('$name › a body (SECURITY 24)', ({ contract }) => {
  const shapes = contract.body ? shapesOf(contract.body) : [];
  const objects = shapes.filter(({ type }) => type === 'object');
  const isList = objects.length === 0;

  it('with values that its schema refuses is a 422 that names each field', async () => {
    const cases = objects.flatMap((shape) => {
      const fields = fieldsOf(shape)
        // Which branch of a union is meant must be told.
        .filter(([, field]) => objects.length === 1 || field.const === undefined)
        .map(([name, field]) => [name, wrongValues(field).map(({ value }) => value)] as const);
      return rounds(fields).map((wrong) => ({ right: rightBodyOf(contract, shape), wrong }));
    });
    await each(cases, async ({ right, wrong }) => {
      const answer = await send(contract, { body: { ...Object(right), ...wrong } });
      expectErrorsAt(contract, answer, ...Object.keys(wrong));
    });
  });

  it('that is something else as a whole, or a list of something else, is a 422 that says so', async () => {
    const wholes = isList
      ? shapes.flatMap((shape) => wrongValues(shape).map(({ value }) => value))
      : [null, true, 7, 'text', []];
    await each(wholes, async (body) => {
      const answer = await send(contract, { body });
      expectProblem(contract, answer, 'invalid_request');
      expect(isList ? ['body', '0'] : ['body']).toContain(answer.body.errors[0].path);
    });
  });

  it('without what is required is a 422 that names each field', async () => {
    await each(objects, async (shape) => {
      const right = Object.entries(Object(rightBodyOf(contract, shape)));
      const branch = fieldsOf(shape).filter(([, field]) => objects.length > 1 && field.const !== undefined);
      const [kept, left] = [branch.map(([name]) => name), shape.required ?? []];
      const missing = left.filter((name) => !kept.includes(name));
      const body = Object.fromEntries(right.filter(([name]) => !left.includes(name) || kept.includes(name)));
      if (missing.length > 0) expectErrorsAt(contract, await send(contract, { body }), ...missing);
      for (const name of kept) {
        const { [name]: _, ...rest } = Object(rightBodyOf(contract, shape));
        expectErrorsAt(contract, await send(contract, { body: rest }), name);
      }
    });
  });

  it('with fields that nobody asked for is a 422 that names each', async () => {
    const strangers = ['unknown', 'is_admin_', 'constructor', 'toString', 'user_id', 'pk', 'a#b', '💥'];
    const unknown = Object.fromEntries(strangers.map((name) => [name, true]));
    await each(objects, async (shape) => {
      const body = { ...Object(rightBodyOf(contract, shape)), ...unknown };
      expectErrorsAt(contract, await send(contract, { body }), ...strangers);
    });
  });

  it('that is no JSON, or JSON that two readers may read differently, is a 400', async () => {
    const right = writeJson(rightBody(contract));
    const begin = isList ? '[{' : right.length > 2 ? `${right.slice(0, -1)},` : '{';
    const end = isList ? '}]' : '}';
    const bodies: readonly (readonly [string, string | Uint8Array])[] = [
      ['nothing', ''],
      ['half', right.slice(0, -1)],
      ['NaN', `${begin}"x":NaN${end}`],
      ['a name twice, once escaped', `${begin}"x":1,"\\u0078":1${end}`],
      ['__proto__', `${begin}"__proto__":{"is_admin":true}${end}`],
      ['deep lists', `${begin}"x":${'['.repeat(request.jsonDepth)}${']'.repeat(request.jsonDepth)}${end}`],
      ['UTF-16', Buffer.from(right, 'utf16le')],
      ['a byte that is no UTF-8', Buffer.from(`${begin}"x":"\u00ff"${end}`, 'latin1')],
    ];
    await each(bodies, async ([, raw]) => expectProblem(contract, await send(contract, { raw }), 'malformed_json'));
  });

  it('that is huge is a 413; one as large as allowed is refused at once', async () => {
    const max = contract.bodyBytes ?? request.bodyBytes;
    expectProblem(contract, await send(contract, { raw: filled(max + 1, 'x') }), 'body_too_large');
    const names = Array.from(
      { length: Math.floor(max / 10) - 1 },
      (_, at) => `"${at.toString(36).padStart(5, '0')}":1`,
    );
    const large = [filled(max, '\\u0000'), `[${'7,'.repeat(max / 2 - 2)}7]`, `{${names.join(',')}}`, '['.repeat(max)];
    for (const raw of large) {
      const answer = await send(contract, { raw });
      expectProblem(contract, answer, answer.status === 400 ? 'malformed_json' : 'invalid_request');
      // The function's own work, whatever else this machine does.
      expect((await product.calls(answer.requestId)).cpu_ms).toBeLessThan(200);
    }
  });

  it('that does not say it is JSON is a 415 (SECURITY 26)', async () => {
    const form = contract.form ? [] : ['application/x-www-form-urlencoded'];
    await each(['', 'text/plain', 'application/jsonp', ...form], async (type) => {
      expectProblem(contract, await send(contract, { headers: { 'content-type': type } }), 'not_json');
    });
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' };
    expectProblem(contract, await send(contract, { raw: '', headers }), 'malformed_json');
  });
});

describe.each(named.filter(({ contract: { body, method } }) => !body && method !== 'GET'))(
  '$name › takes no body (SECURITY 24)',
  ({ contract }) => {
    it('and refuses one like a field that nobody asked for', async () => {
      expectErrorsAt(contract, await send(contract, { body: { is_admin: true } }), 'is_admin');
      expectErrorsAt(contract, await send(contract, { body: [] }), 'body');
      expectProblem(contract, await send(contract, { raw: '{' }), 'malformed_json');
      expectProblem(contract, await send(contract, { raw: filled(request.bodyBytes + 1, 'x') }), 'body_too_large');
      const headers = { 'content-type': 'text/plain' };
      expectProblem(contract, await send(contract, { raw: 'text', headers }), 'not_json');
    });
  },
);

describe.each(named.filter(({ contract }) => contract.query))('$name › a query (SECURITY 24)', ({ contract }) => {
  const [shape] = contract.query ? shapesOf(contract.query) : [];
  const fields = shape ? fieldsOf(shape) : [];

  it('with values that its schema refuses is a 422 that names each', async () => {
    await each(rounds(fields.map(([name, field]) => [name, wrongTexts(field)])), async (wrong) => {
      const texts = Object.fromEntries(Object.entries(wrong).map(([name, text]) => [name, String(text)]));
      const query = new URLSearchParams(texts);
      const paths = Object.keys(wrong).map((name) => `query.${name}`);
      expectErrorsAt(contract, await send(contract, { query: `?${query}` }), ...paths);
    });
  });

  it('with a name that nobody asked for, or a number twice, is a 422', async () => {
    const numbers = fields.filter(([, { type }]) => type === 'integer').map(([name]) => name);
    const twice = numbers.map((name) => `&${name}=1&${name}=1`).join('');
    const answer = await send(contract, { query: `?unknown=1${twice}` });
    expectErrorsAt(contract, answer, 'query.unknown', ...numbers.map((name) => `query.${name}`));
  });

  it('with percent signs and bytes that mean nothing is no 5xx', async () => {
    await each(['?%', '?%00=%00', '?%ff=%ff', '?=&=&', '?__proto__=1', '?limit=%E0%A4%A'], async (query) => {
      const answer = await send(contract, { query });
      expect(answer.status, answer.text).toBeLessThan(500);
    });
  });

  if (fields.some(([name]) => name === 'cursor')) {
    it('with a cursor that this list did not give is a 400', async () => {
      const forged = `${Buffer.from('{"pk":"USER#x","sk":"PROFILE"}').toString('base64url')}.${'A'.repeat(22)}`;
      await each(['x', '....', 'e30.AAAA', forged, 'a#b', '𝕏'], async (cursor) => {
        const answer = await send(contract, { query: `?${new URLSearchParams({ cursor })}` });
        expectProblem(contract, answer, 'malformed_cursor');
      });
    });
  }
});

describe.each(named.filter(({ contract }) => contract.params))('$name › an id in the path', ({ contract }) => {
  const names = [...contract.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const wanted = contract.problems.filter((code) => code.endsWith('_not_found'));

  it('with a # in it, or anything that is no id, reaches no key (SECURITY 25)', async () => {
    const odd = ['%23', '1%23', '%2F', '%20', '%00', '-1', '%2e%2e', '%ff', '%', 'x'.repeat(4000), '%D9%A1'];
    await each(
      names.flatMap((name) => odd.map((text) => ({ name, text }))),
      async ({ name, text }) => {
        expectErrorsAt(
          contract,
          await send(contract, { path: rightPath(contract, { [name]: text }) }),
          `params.${name}`,
        );
      },
    );
  });

  it('that is empty is another path', async () => {
    for (const name of names) {
      const path = rightPath(contract, { [name]: '' });
      // One slash more or less is the same route: `/otp/configs/` is the list.
      if (methodsOf(path).includes(contract.method)) continue;
      const answer = await send(contract, { path });
      expectProblem(undefined, answer, methodsOf(path).length > 0 ? 'method_not_allowed' : 'route_not_found');
    }
  });

  it('that nobody has is a 404', async () => {
    const [code] = wanted;
    if (code === undefined) throw new Error('The contract names no problem for an id that nobody has.');
    expectProblem(contract, await send(contract), code);
  });

  if (contract.who === 'user') {
    it('of somebody else is byte for byte an absent one (SECURITY 23)', async () => {
      const foreign = Object.fromEntries(names.map((name) => [name, ownedByAlice(name)]));
      await expectAlike(contract, {}, { path: rightPath(contract, foreign) });
    });
  }
});

const inBody = named.filter(({ contract }) => !contract.params && contract.problems.includes('config_not_found'));

describe.each(inBody)('$name › an id in the body', ({ contract }) => {
  it('of somebody else is byte for byte an absent one (SECURITY 23)', async () => {
    const [shape] = contract.body ? shapesOf(contract.body) : [];
    const [field] = (shape ? fieldsOf(shape) : []).filter(([name]) => /^config_ids?$/.test(name));
    if (shape === undefined || field === undefined) throw new Error('Where does this request name a configuration?');
    const [name, { type }] = field;
    const naming = (id: number) => ({ ...Object(rightBodyOf(contract, shape)), [name]: type === 'array' ? [id] : id });
    await expectAlike(
      contract,
      { body: naming(Number(absentIds['config_id'])) },
      { body: naming(Number(ownedByAlice('config_id'))) },
    );
  });
});

function ownedByAlice(name: string): string {
  const owned = aliceOwns[name];
  if (owned === undefined) throw new Error(`This test does not know what of Alice’s is named by ${name}.`);
  return owned;
}

/** Holds that Mallory cannot tell what is Alice's from what is not there. */
async function expectAlike(contract: Contract, absent: Sent, foreign: Sent): Promise<void> {
  const as = { token: mallory.token, client: mallory.client };
  const [first, second] = [await send(contract, { ...absent, ...as }), await send(contract, { ...foreign, ...as })];
  expect(first.status).toBe(404);
  const code: ProblemCode = first.body.code;
  expectProblem(contract, first, code);
  expect(comparable(second)).toEqual(comparable(first));
}

function comparable({ status, text, requestId, headers }: Answer) {
  const { date: _d, 'x-request-id': _x, 'apigw-requestid': _a, ratelimit: _r, ...same } = headers;
  return { status, text: text.replaceAll(requestId, ''), headers: same };
}

describe.each(named.filter(({ contract }) => contract.who !== 'public'))('$name › whoever may not', ({ contract }) => {
  it('without a token or key of ours is a 401, and nothing is read (SECURITY 21)', async () => {
    const [header = '', payload = '', signature = ''] = alice.token.split('.');
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    const forged = `${header}.${payload}.${Buffer.alloc(64, 1).toString('base64url')}`;
    const basic = Buffer.from(`${alice.username}:${alice.password}`).toString('base64');
    const bearers = ['', 'garbage', `${none}.${payload}.`, forged, alice.refreshToken, `otpk_${'a'.repeat(80)}`];
    const client = product.newClient();
    const refused = async (headers: Record<string, string>) => {
      const answer = await client.send(contract.method, rightPath(contract), undefined, { headers });
      expectProblem(contract, answer, 'authentication_required');
      return answer;
    };
    await refused({});
    await each([...bearers.map((text) => `Bearer ${text}`), `Token ${alice.token}`, `Basic ${basic}`], async (text) => {
      await refused({ authorization: text });
    });
    const { requestId } = await refused({ authorization: `Bearer ${header}.${payload}.${signature.slice(0, -4)}` });
    expect((await product.calls(requestId)).dynamodb).toBe(0);
  });

  it('is told nothing else: neither what is wrong with the request nor that a slash is too many', async () => {
    const client = product.newClient();
    const wrong = await client.send(contract.method, `${rightPath(contract)}/?unknown=1`, '{');
    expectProblem(contract, wrong, 'authentication_required');
  });

  if (contract.who === 'admin') {
    it('and is no administrator is a 403', async () => {
      expectProblem(contract, await send(contract, { token: alice.token }), 'admin_required');
    });
  }

  if (contract.fresh) {
    it('with a session that is not fresh is a 403 (SECURITY 17)', async () => {
      const client = product.newClient();
      await client.moveClock((session.freshSeconds + 60) * 1000);
      expectProblem(contract, await send(contract, { client }), 'fresh_session_required');
    });
  }

  it('with an API key that may not is a 403', async () => {
    const { scope } = contract;
    const token = keysWithout[scope ?? scopes[0]];
    expectProblem(contract, await send(contract, { token }), scope ? 'scope_missing' : 'user_token_required');
  });

  if (!contract.duringPasswordChange) {
    it('and must change the password first is a 403', async () => {
      expectProblem(contract, await send(contract, { token: beginner.token }), 'password_change_required');
    });
  }
});

describe.each(named.filter(({ contract }) => contract.idempotency))('$name › an Idempotency-Key', ({ contract }) => {
  it('of another form is a 422', async () => {
    await each(['', 'a b', '\u00e9', 'x'.repeat(idempotency.keyLength + 1)], async (key) => {
      const answer = await send(contract, { headers: { 'idempotency-key': key } });
      expectErrorsAt(contract, answer, 'headers.Idempotency-Key');
    });
  });
});

describe.each([...new Set(contracts.map(({ path }) => path))])('%s', (path) => {
  it('takes the methods that are declared, and no other (SECURITY 26)', async () => {
    const asked = path.replaceAll(/\{\w+\}/g, '1');
    const declared = methodsOf(asked);
    const others = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'].filter(
      (method) => !declared.includes(method),
    );
    const client = product.newClient();
    await each(others, async (method) => {
      const answer = await client.send(method, asked, undefined, { token: alice.token });
      expect(answer.status).toBe(405);
      expect(answer.headers['allow']?.split(', ')).toEqual(declared);
      if (method !== 'HEAD') expectProblem(undefined, answer, 'method_not_allowed');
    });
  });
});

describe('the contracts', () => {
  it('put no secret, code or password in a URL (SECURITY 26)', () => {
    const names = contracts.flatMap(({ params, query }) =>
      [params, query].flatMap((schema) => (schema ? shapesOf(schema).flatMap(fieldsOf) : [])).map(([name]) => name),
    );
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => /secret|password|token|code|uri|^key$/.test(name))).toEqual([]);
  });
});

/** What a query's schema refuses, as text; a number without a value is left out, since an empty one is none. */
function wrongTexts(field: SchemaPart): string[] {
  if (field.type === 'integer') {
    const { minimum = 0, maximum = 0 } = field;
    return ['nonsense', '1.5', '1e999', 'NaN', '-1', String(minimum - 1), String(maximum + 1), '9'.repeat(400)];
  }
  return wrongValues(field).flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
}

/** JSON of so many bytes, most of them the same. */
function filled(size: number, text: string): string {
  const rest = size - 2;
  return `"${text.repeat(Math.floor(rest / text.length))}${'x'.repeat(rest % text.length)}"`;
}
