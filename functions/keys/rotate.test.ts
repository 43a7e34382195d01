import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { root } from '../../infra/build.ts';
import { operatorEnvironment } from '../../infra/local/first-administrator.ts';
import type { LaunchedProduct } from '../../infra/local/product-launch.ts';
import { type MfaUser, newMfaUser } from '../../infra/local/testing/mfa-user.ts';
import { type ConnectedProduct, connect } from '../../infra/local/testing.ts';
import { type RewrapOptions, rewrapSecrets } from '../../infra/operator/rewrap-secrets.ts';
import type { ScannedTable } from '../../infra/operator/sealed-items.ts';
import { codeOfCounter } from '../../infra/testing/authenticator.ts';
import { createConfig, createKey, type SharedConfig, validate } from '../../infra/testing/otp-user.ts';
import { launchOwnProduct } from '../../infra/testing/own-product.ts';
import { openRawTable, type RawItem } from '../../infra/testing/raw-table.ts';
import { sealedKeyVersion } from '../../shared/crypto/envelope.ts';
import { createKeyring, type Keyring } from '../../shared/crypto/keyring.ts';
import { createKmsClient } from '../../shared/crypto/kms-client.ts';
import * as keyVersions from '../../shared/data/key-versions.ts';
import { openTable } from '../../shared/data/table.ts';
import type { handler } from './rotate.ts';

/* The rings of a whole service are turned, so it has one of its own. The first tests leave what the later ones find. */

let launched: LaunchedProduct;
let product: ConnectedProduct;
let raw: ReturnType<typeof openRawTable>;
/** The function in this process, over the same table and keys. */
let rotate: typeof handler;
let at: ScannedTable;
let user: MfaUser;
let configs: SharedConfig[];
/** The secrets as they were sealed first. */
let asAtFirst: RawItem[];

const configCount = 12;

beforeAll(async () => {
  launched = await launchOwnProduct(inject('standard'));
  product = connect(launched.info);
  raw = openRawTable(launched.info);
  Object.assign(process.env, operatorEnvironment(launched.info), { EDGE_KEY: 'an edge key of the tests' });
  ({ handler: rotate } = await import('./rotate.ts'));
  const tableName = launched.info.table_name;
  at = { client: raw.client, tableName, table: openTable(tableName) };
  user = await newMfaUser(product);
  configs = [];
  for (let made = 0; made < configCount; made++) {
    configs.push(await createConfig(user, { otp_type: 'hotp', look_ahead: 20 }));
  }
  asAtFirst = await raw.all(`SECRET#${user.user.id}`);
});
afterAll(() => launched?.stop());

const versionsOf = async (ring: keyVersions.Ring) =>
  (await raw.all(`KEYRING#${ring}`)).map(({ version }) => Number(version));

/** How many secrets of the user are sealed under which version. */
async function sealedUnder(partition: 'SECRET' | 'MFA' = 'SECRET'): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { sealed } of await raw.all(`${partition}#${user.user.id}`)) {
    if (!(sealed instanceof Uint8Array)) continue;
    const version = sealedKeyVersion(sealed);
    counts[version] = (counts[version] ?? 0) + 1;
  }
  return counts;
}

/** Whether every configuration of the user is still right about a code; each asks for a later one than before. */
let counter = 0;
async function allOpen(): Promise<string[]> {
  counter += 1;
  const answers = [];
  for (const { id, entry } of configs) answers.push(await validate(user, id, codeOfCounter(entry, counter)));
  return [...new Set(answers.map(({ status, body }) => `${status} ${body.result}`))];
}

/** The key ring as the operator's command has it. */
function operatorKeyring(ring: keyVersions.Ring): Keyring {
  return createKeyring({
    kms: createKmsClient(),
    keyId: launched.info.data_key_id ?? '',
    ring,
    loadVersions: async () => (await at.table.readRange(keyVersions.ofRing(ring), AbortSignal.timeout(10_000))).rows,
    now: Date.now,
  });
}

/** Runs `rewrap` in this process; `beforeSeal` is told, before each secret, how many came before it. */
function rewrap(
  ring: keyVersions.Ring,
  beforeSeal: (sealed: number) => Promise<void> | void = () => undefined,
  options: Partial<RewrapOptions> = {},
) {
  const keyring = operatorKeyring(ring);
  let asked = 0;
  const counting: Keyring = {
    ...keyring,
    current: async () => {
      // The first to ask is the command itself, for the version that all shall have.
      const sealed = asked - 1;
      asked += 1;
      if (sealed >= 0) await beforeSeal(sealed);
      return keyring.current();
    },
  };
  return rewrapSecrets(at, ring, { keyring: counting, signal: new AbortController().signal, ...options });
}

interface Said {
  readonly code: number | null;
  readonly said: string;
  readonly wrong: string;
}

/** Runs `npm run keys` on the product; `whileRunning` may do what a person does meanwhile. */
function runKeys(
  args: string[],
  whileRunning: (child: ChildProcess) => Promise<void> = async () => undefined,
): Promise<Said> {
  const env = { ...process.env, ...operatorEnvironment(launched.info) };
  const child = spawn(process.execPath, ['infra/keys.ts', ...args], { cwd: root, env });
  let [said, wrong] = ['', ''];
  child.stdout.on('data', (text) => {
    said += String(text);
  });
  child.stderr.on('data', (text) => {
    wrong += String(text);
  });
  const ended = new Promise<Said>((resolve) => {
    child.once('close', (code) => resolve({ code, said, wrong }));
  });
  return Promise.all([ended, whileRunning(child)]).then(([end]) => end);
}

async function status() {
  const { code, said, wrong } = await runKeys(['status', '--json']);
  expect([code, wrong]).toEqual([0, '']);
  return JSON.parse(said);
}

describe('keys/rotate', () => {
  it('adds nothing where everything is there: it runs at every deployment and start', async () => {
    expect(await rotate()).toEqual({ versions: [], published: undefined });
    expect(await rotate({ RequestType: 'Update' })).toEqual({ versions: [], published: undefined });
    expect([await versionsOf('otp'), await versionsOf('mfa')]).toEqual([[1], [1]]);
  });

  it('publishes the key that signs where it is not there, once', async () => {
    const [published] = await raw.all('KEYRING#signing');
    await raw.delete(String(published?.['pk']), String(published?.['sk']));
    const both = await Promise.all([rotate(), rotate()]);
    expect(both.flatMap(({ published: kid }) => kid ?? [])).toEqual([published?.['kid']]);
    const [again, ...others] = await raw.all('KEYRING#signing');
    expect(others).toEqual([]);
    expect(again).toMatchObject({ kid: published?.['kid'], public_key: published?.['public_key'] });
    expect((await product.newClient().get('/.well-known/jwks.json')).body.keys).toHaveLength(1);
  });

  it('adds a version to each ring by the yearly schedule, and what was sealed before still opens', async () => {
    const before = await raw.all('KEYRING#otp');
    const { versions } = await rotate({ rotate: true });
    expect(versions).toEqual([
      { ring: 'otp', version: 2 },
      { ring: 'mfa', version: 2 },
    ]);
    const [first, added] = await raw.all('KEYRING#otp');
    expect([first]).toEqual(before);
    expect(added).toMatchObject({ version: 2, wrapped: expect.any(Uint8Array), created_at: expect.any(Number) });
    expect(await allOpen()).toEqual(['200 valid']);
    expect(await sealedUnder()).toEqual({ 1: configCount });
    await user.pass(1);
    const login = { username: user.username, password: user.password, mfa_code: user.code(0) };
    expect((await user.client.post('/token', login)).body.mfa_required).toBe(false);
  });

  it('adds each version once when it runs twice at once', async () => {
    const runs = await Promise.all([rotate({ rotate: true }), rotate({ rotate: true }), rotate({ rotate: true })]);
    const added = runs.flatMap(({ versions }) => versions).map(({ ring, version }) => `${ring} ${version}`);
    expect(new Set(added).size).toBe(added.length);
    for (const ring of ['otp', 'mfa'] as const) {
      const versions = await versionsOf(ring);
      expect(versions).toEqual(versions.map((_, index) => index + 1));
      expect(added.filter((one) => one.startsWith(ring))).toHaveLength(versions.length - 2);
    }
  });

  it('seals with the newest version what a function seals that has not held another', async () => {
    const [newest] = (await versionsOf('otp')).slice(-1);
    const row = 'otpauth://totp/Acme:ada?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acme';
    const imported = await user.client.post('/otp/import', { data: [row] }, { token: user.token });
    expect(imported.status).toBe(200);
    expect(await sealedUnder()).toEqual({ 1: configCount, [newest ?? 0]: 1 });
    const { id } = (await user.client.get('/otp/configs?limit=100', { token: user.token })).body.at(-1);
    expect((await user.client.post('/otp/generate', { config_id: id }, { token: user.token })).status).toBe(200);
    await user.client.delete(`/otp/configs/${id}`, { token: user.token });
  });

  it('adds nothing when KMS makes no data key, and all when it runs again (SECURITY 31)', async () => {
    const before = [await versionsOf('otp'), await versionsOf('mfa')];
    const fault = {
      service: 'kms',
      operation: 'GenerateDataKeyWithoutPlaintext',
      function: 'operator',
      kind: 'error',
    } as const;
    const { clear } = await product.fault({ ...fault, code: 'KMSInternalException', times: 'forever' });
    await expect(rotate({ rotate: true })).rejects.toThrow();
    await clear();
    expect([await versionsOf('otp'), await versionsOf('mfa')]).toEqual(before);
  });

  it('never sees a data key in the clear, and no client sees the function (SECURITY 34)', async () => {
    for (const path of ['/keys/rotate', '/keys']) expect((await product.newClient().post(path, {})).status).toBe(404);
    const { body } = await product.ask('GET', '/grants');
    expect(JSON.stringify(body.used['keys/rotate'] ?? [])).not.toMatch(/Decrypt|Sign"/);
  });
});

describe('npm run keys', () => {
  it('rotates, and says what came of it', async () => {
    const before = Math.max(...(await versionsOf('otp')));
    const { code, said, wrong } = await runKeys(['rotate']);
    expect([code, wrong]).toEqual([0, '']);
    expect(said).toContain(`Key ring otp has version ${before + 1}.`);
    expect(said).toMatch(/Key ring mfa has version \d+\./);
  });

  it('tells how many secrets are sealed under which version', async () => {
    const newest = Math.max(...(await versionsOf('otp')));
    const { otp, mfa } = await status();
    expect(otp.versions).toHaveLength(newest);
    expect(otp.versions[0]).toEqual({ version: 1, created_at: expect.any(String), secrets: configCount });
    expect(otp.orphaned).toBe(0);
    expect(mfa.versions[0]).toMatchObject({ version: 1, secrets: 1 });
  });

  it.each(['SIGINT', 'SIGKILL'] as const)(
    'rewraps what is left, and may be stopped by %s at any point',
    async (signal) => {
      const newest = Math.max(...(await versionsOf('otp')));
      const before = (await sealedUnder())[newest] ?? 0;
      const fault = {
        service: 'dynamodb',
        operation: 'TransactWriteItems',
        function: 'operator',
        match: 'SECRET#',
      } as const;
      // Eight are under way at once: the first of them comes through, the others hang until the command is stopped.
      const quick = await product.fault({ ...fault, kind: 'delay', delay_ms: 1 });
      const slow = await product.fault({ ...fault, kind: 'delay', delay_ms: 1500, times: 'forever' });
      const { code, said } = await runKeys(['rewrap', '--ring', 'otp'], async (child) => {
        await expect.poll(async () => (await sealedUnder())[newest], { timeout: 30_000 }).toBe(before + 1);
        child.kill(signal);
      });
      await Promise.all([quick.clear(), slow.clear()]);
      expect(code).toBe(signal === 'SIGINT' ? 0 : null);
      if (signal === 'SIGINT')
        expect(said).toContain('Stopped. What was moved stays moved; run it again for the rest.');
      const moved = (await sealedUnder())[newest] ?? 0;
      expect(moved).toBeGreaterThan(before);
      expect(moved).toBeLessThan(configCount);
      expect(await allOpen()).toEqual(['200 valid']);
    },
  );

  it('moves the rest when it runs again, and finds nothing to do after that', async () => {
    const newest = Math.max(...(await versionsOf('otp')));
    const { code, said } = await runKeys(['rewrap', '--json']);
    expect(code).toBe(0);
    const told = JSON.parse(said);
    // What was under way when the command was killed may still have come through.
    const { moved, current, changed, unreadable } = told.otp;
    expect([moved + current + changed, unreadable]).toEqual([configCount, []]);
    expect(told.mfa).toEqual({ moved: 1, current: 0, changed: 0, unreadable: [] });
    expect(await sealedUnder()).toEqual({ [newest]: configCount });
    expect(await rewrap('otp')).toEqual({ moved: 0, current: configCount, changed: 0, unreadable: [] });
    expect(await allOpen()).toEqual(['200 valid']);
    await user.pass(1);
    const login = { username: user.username, password: user.password, mfa_code: user.code(0) };
    expect((await user.client.post('/token', login)).body.mfa_required).toBe(false);
    const { otp } = await status();
    expect(otp.versions.at(-1).secrets).toBe(configCount);
  });

  it.each([
    ['no command', [], 'Use it as:'],
    ['a command that there is not', ['unwrap'], 'Use it as:'],
    ['a ring that there is not', ['rewrap', '--ring', 'all'], 'There are two key rings: otp and mfa.'],
    ['a flag that there is not', ['status', '--colour'], '--colour'],
  ])('refuses %s in a sentence', async (_, args, sentence) => {
    const { code, wrong } = await runKeys(args);
    expect(code).toBe(1);
    expect(wrong).toContain(sentence);
    expect(wrong).not.toMatch(/^ +at /m);
  });
});

describe('rewrapping', () => {
  // Back under the first version: all is left to be moved, and the ring need not be turned for it.
  beforeEach(async () => {
    for (const { pk, sk, sealed } of asAtFirst) await raw.set(String(pk), String(sk), 'sealed', sealed);
    expect(await sealedUnder()).toEqual({ 1: configCount });
  });

  it('stops between two secrets when it is told to', async () => {
    const stopping = new AbortController();
    const { moved, ...others } = await rewrap('otp', (sealed) => (sealed === 3 ? stopping.abort() : undefined), {
      signal: stopping.signal,
    });
    expect(moved).toBeGreaterThanOrEqual(4);
    expect(moved).toBeLessThan(configCount);
    expect(others).toEqual({ current: 0, changed: 0, unreadable: [] });
    expect(await allOpen()).toEqual(['200 valid']);
  });

  it('leaves alone what is deleted, and resurrects nothing, while it runs (SECURITY 30)', async () => {
    const doomed = await createConfig(user, { otp_type: 'hotp' });
    // It has been read, and is deleted before any of those that were read is written.
    let deletion: Promise<unknown> | undefined;
    const counts = await rewrap('otp', async () => {
      deletion ??= user.client.delete(`/otp/configs/${doomed.id}`, { token: user.token });
      await deletion;
    });
    expect(counts).toMatchObject({ moved: configCount, changed: 1, unreadable: [] });
    const left = (await raw.all(`SECRET#${user.user.id}`)).map(({ id }) => id);
    expect(left).toHaveLength(configCount);
    expect(left).not.toContain(doomed.id);
  });

  it('takes a lost answer for what it was, and a conflict for none (SECURITY 30)', async () => {
    const fault = {
      service: 'dynamodb',
      operation: 'TransactWriteItems',
      function: 'operator',
      match: 'SECRET#',
    } as const;
    await product.fault({ ...fault, kind: 'lost_response', times: 2 });
    await product.fault({ ...fault, kind: 'error', code: 'TransactionConflict', times: 3 });
    expect(await rewrap('otp')).toEqual({ moved: configCount, current: 0, changed: 0, unreadable: [] });
    expect(await allOpen()).toEqual(['200 valid']);
  });

  it('names a secret that does not open, leaves it as it is, and moves the others (SECURITY 27)', async () => {
    const [broken] = await raw.all(`SECRET#${user.user.id}`);
    const sealed = broken?.['sealed'];
    if (broken === undefined || !(sealed instanceof Uint8Array)) throw new Error('There is no secret.');
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    await raw.put({ ...broken, sealed: changed });

    const { code, said, wrong } = await runKeys(['rewrap', '--ring', 'otp']);
    expect([code, wrong]).toEqual([1, '']);
    expect(said).toContain(
      `The secret of configuration ${broken['id']} of user ${user.user.id} does not open, and stays as it is.`,
    );
    expect(said).toContain(`${configCount - 1} moved`);
    const after = await raw.get(String(broken['pk']), String(broken['sk']));
    expect(Buffer.from(after?.['sealed'] instanceof Uint8Array ? after['sealed'] : [])).toEqual(changed);

    await raw.put(broken);
    expect(await rewrap('otp')).toMatchObject({ moved: 1, unreadable: [] });
    expect(await allOpen()).toEqual(['200 valid']);
  });

  it('changes nothing, and says so, when KMS does not unwrap (SECURITY 31)', async () => {
    const before = await raw.all(`SECRET#${user.user.id}`);
    const fault = {
      service: 'kms',
      operation: 'Decrypt',
      function: 'operator',
      kind: 'error',
      times: 'forever',
    } as const;
    const { clear } = await product.fault({ ...fault, code: 'KMSInternalException' });
    const { code, wrong } = await runKeys(['rewrap', '--ring', 'otp']);
    await clear();
    expect(code).toBe(1);
    expect(wrong).toContain('cannot be unwrapped');
    expect(await raw.all(`SECRET#${user.user.id}`)).toEqual(before);
  });

  it('is the operator’s alone: no API key and no user reaches it', async () => {
    const key = await createKey(user, user.client);
    expect((await user.client.post('/keys/rewrap', {}, { token: key.token })).status).toBe(404);
  });
});
