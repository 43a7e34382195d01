import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { scenarios } from '../infra/bench/scenarios.ts';
import { createWorld } from '../infra/bench/world.ts';
import { isRecord } from '../infra/local/json.ts';
import { leakedSecrets } from '../infra/local/testing/leaked-secrets.ts';
import { createSecretSearch } from '../infra/local/testing/secret-search.ts';
import { type SeenSecret, secretsIn } from '../infra/local/testing/secrets-seen.ts';
import { type Answer, type Client, connect } from '../infra/local/testing.ts';
import { patientClient, tappedClient } from '../infra/testing/captured-request.ts';
import { openRawTable } from '../infra/testing/raw-table.ts';
import { seedAdministrator, seedUser } from '../infra/testing/seeded-user.ts';

/*
 * Every secret that people and back ends have with the service, sent through every endpoint (SECURITY 27, 28). Afterwards each is
 * looked for in every answer beside the field that is for it, in the whole table, in all events and in all logs. The end of a run
 * looks for the secrets of all tests the same way: `infra/local/global-setup.ts`.
 */

const product = connect(inject('generous'));
const secrets: SeenSecret[] = [];
const answers: { readonly asked: string; readonly answer: Answer }[] = [];

beforeAll(async () => {
  const client: Client = tappedClient(patientClient(product.newClient()), ({ method, path, body }, answer) => {
    secrets.push(...secretsIn(body), ...secretsIn(answer.body, answer.headers['set-cookie']));
    answers.push({ asked: `${method} ${path}`, answer });
  });
  const world = await createWorld({
    ...product,
    newClient: () => client,
    newUser: () => seedUser(product, client),
    newAdministrator: () => seedAdministrator(product, client),
  });
  for (const [operation, list] of Object.entries(scenarios)) {
    for (const scenario of list) {
      const request = await scenario.begin(world);
      const { status, text } = await request();
      expect(status, `${operation} ${scenario.variant}: ${text.slice(0, 200)}`).toBeLessThan(300);
    }
  }
  await product.streamIsRead();
}, 240_000);

describe('a secret', () => {
  it('of each kind went through the service', () => {
    const kinds = new Set(secrets.map(([kind]) => kind));
    const wanted = [
      'password',
      'new_password',
      'temporary_password',
      'access_token',
      'refresh_token',
      'a cookie',
      'key',
    ];
    const more = [
      'secret',
      'mfa_secret',
      'recovery_codes',
      'an otpauth secret',
      'an id in access_token',
      'the bytes of secret',
    ];
    expect([...wanted, ...more].filter((kind) => !kinds.has(kind))).toEqual([]);
  });

  it('is in no answer but in the field that is for it, nor is a code (SECURITY 28)', () => {
    const search = createSecretSearch(secrets);
    const leaks = answers.flatMap(({ asked, answer }) => {
      const { 'set-cookie': _, ...headers } = answer.headers;
      const rest = JSON.stringify([headers, answer.body === undefined ? answer.text : without(answer.body)]);
      const digits = /"[0-9]{6,8}\\*"/.test(rest.replace(/"content-length":"\d+"/, ''));
      // The documentation has examples of codes.
      const codes = digits && asked !== 'GET /openapi.json' ? ['a code'] : [];
      return [...search(Buffer.from(rest)), ...codes].map((what) => `${asked}: ${what}`);
    });
    expect(leaks).toEqual([]);
  });

  it('is nowhere in the table, its events or the logs, in plain or in any encoding, nor is a code (SECURITY 27, 28)', async () => {
    expect(await leakedSecrets(product.info, secrets)).toEqual([]);
  });

  it('that stood in an item would be found, and so would a code', async () => {
    const table = openRawTable(product.info);
    const planted = randomBytes(20);
    const note = Buffer.concat([Buffer.from('x'), planted]).toString('base64url');
    await table.put({ pk: 'IDEM#planted', sk: note.slice(0, 5), details: { note }, code: '081804', bytes: planted });
    try {
      const sentences = await leakedSecrets(product.info, [['a planted secret', planted]]);
      expect(sentences).toContainEqual(expect.stringMatching(/^An item of IDEM holds a planted secret in base64/));
      expect(sentences).toContain('An item of IDEM holds six to eight digits, as a code does.');
    } finally {
      await table.delete('IDEM#planted', note.slice(0, 5));
    }
  });
});

/** Fields of answers that are there to tell a secret, or what is made of it. */
const telling = new Set([
  'access_token',
  'refresh_token',
  'secret',
  'mfa_secret',
  'otpauth_uri',
  'mfa_uri',
  'qr_svg',
  'qr_svgs',
  'key',
  'recovery_codes',
  'temporary_password',
  'data',
  'otp_code',
  'next_otp_code',
]);

function without(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(without);
  if (!isRecord(body)) return body;
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => (telling.has(name) ? [] : [[name, without(value)]])),
  );
}
