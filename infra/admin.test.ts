import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runAdminCommand } from './local/first-administrator.ts';
import { storedItems } from './local/testing/stored-items.ts';
import { connect, type TestUser } from './local/testing.ts';
import { launchOwnProduct } from './testing/own-product.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const run = promisify(execFile);
const bootstrap = fileURLToPath(new URL('./local/bootstrap.mjs', import.meta.url));

// Its own table: who is the last administrator depends on everybody else.
let product: ReturnType<typeof connect>;
let stop: () => Promise<void>;
let alice: TestUser;
let bob: TestUser;

beforeAll(async () => {
  const launched = await launchOwnProduct(inject('generous'));
  stop = launched.stop;
  product = connect(launched.info);
  [alice, bob] = await Promise.all([product.newUser(), product.newUser()]);
});
afterAll(() => stop?.());

function admin(...args: string[]): Promise<string> {
  return runAdminCommand(product.info, ...args);
}

/** `npm run admin` as somebody calls it who has named nothing; what it printed and how it ended. */
async function npmRunAdmin(env: Record<string, string>, ...args: string[]) {
  const { TABLE_NAME: _, ...rest } = process.env;
  try {
    const { stdout } = await run(process.execPath, [bootstrap, 'admin', ...args], { env: { ...rest, ...env } });
    return { code: 0, stdout, stderr: '' };
  } catch (error) {
    if (!(error instanceof Error && 'stderr' in error && 'code' in error)) throw error;
    return { code: error.code, stdout: '', stderr: String(error.stderr).trim() };
  }
}

function listUsersAs({ client, token }: Pick<TestUser, 'client' | 'token'>) {
  return client.get('/users?limit=1', { token });
}

describe('npm run admin', () => {
  it('creates the first administrator of the product on this machine, who logs in with the password it prints', async () => {
    const control = { CONTROL_PORT: new URL(product.info.control).port };
    const { code, stdout } = await npmRunAdmin(
      control,
      'create',
      '--username',
      'Root.1',
      '--email',
      'root@example.com',
    );
    expect(code).toBe(0);
    const [, password = ''] = /^The administrator “Root\.1” is made\. .*once: (\S+)$/m.exec(stdout) ?? [];
    const client = product.newClient();
    const { token } = await product.logIn(client, { username: 'root.1', password });
    expect((await client.get('/users/me', { token })).body).toMatchObject({
      username: 'Root.1',
      email: 'root@example.com',
      is_admin: true,
      must_change_password: false,
    });
    expect((await listUsersAs({ client, token })).status).toBe(200);
    // They are the only administrator, and stay one.
    await expect(admin('revoke', '--username', 'root.1')).rejects.toThrow(
      'This is the last active administrator: make another one first.',
    );
  });

  it('grants and revokes, which bites at the next request, whatever the spelling of the name (SECURITY 20)', async () => {
    expect((await listUsersAs(alice)).status).toBe(403);
    const granted = await admin('grant', '--username', alice.username.toUpperCase());
    expect(granted).toBe(`“${alice.username.toUpperCase()}” is an administrator.\n`);
    expect((await listUsersAs(alice)).status).toBe(200);
    expect(await admin('revoke', '--username', alice.username)).toBe(
      `“${alice.username}” is no administrator any more.\n`,
    );
    expect((await listUsersAs(alice)).status).toBe(403);
    const events = await storedItems(product).events(alice.user.id);
    expect(events.filter(({ action }) => action === 'user_update')).toMatchObject([
      { action: 'user_update', ip_address: 'command line', details: { is_admin: false, by: 'operator' } },
      { action: 'user_update', ip_address: 'command line', details: { is_admin: true, by: 'operator' } },
    ]);
  });

  it('unlocks a locked name', async () => {
    const { client, username, password } = bob;
    for (let tries = 0; tries < 5; tries++) await client.post('/token', { username });
    expect((await client.post('/token', { username, password })).status).toBe(423);
    expect(await admin('unlock', '--username', username)).toBe(`“${username}” can log in again.\n`);
    expect((await client.post('/token', { username, password })).status).toBe(200);
  });

  it('resets a password: sessions end, the new one is good for one log-in and must be changed', async () => {
    const said: { username: string; password: string } = JSON.parse(
      await admin('reset-password', '--username', bob.username, '--json'),
    );
    expect(said).toEqual({ username: bob.username, password: expect.any(String) });
    expect((await bob.client.get('/users/me', { token: bob.token })).status).toBe(401);
    const { token } = await product.logIn(bob.client, said);
    expect((await bob.client.get('/users/me', { token })).body.must_change_password).toBe(true);
    expect((await bob.client.post('/token', { ...said })).status).toBe(401);
  });

  it('creates an administrator whose password must be changed', async () => {
    const args = ['--username', 'second', '--email', 'second@example.com', '--must-change-password', '--json'];
    const said = JSON.parse(await admin('create', ...args));
    const client = product.newClient();
    const { token } = await product.logIn(client, said);
    expect((await client.get('/users/me', { token })).body).toMatchObject({
      is_admin: true,
      must_change_password: true,
    });
    expect((await listUsersAs({ client, token })).body.code).toBe('password_change_required');
  });
});

describe('npm run admin says in one sentence what is wrong, and changes nothing:', () => {
  it.concurrent.each([
    ['no command', [], /^Use it as:\nnpm run admin -- create /],
    ['no username', ['unlock'], /^Name a user with --username\.$/],
    ['an unknown flag', ['grant', '--user', 'a'], /^Unknown option '--user'/],
    ['a user who is not there', ['grant', '--username', 'no-such'], /^There is no user “no-such”\.$/],
    ['no address', ['create', '--username', 'third'], /^Name an e-mail address with --email\.$/],
    ['no real address', ['create', '--username', 'third', '--email', 'x'], /^“x” is not an e-mail address\.$/],
    ['no real name', ['create', '--username', 'a#b', '--email', 'a@b.example'], /^“a#b” cannot be a username\.$/],
  ])('%s', async (_, args, sentence) => {
    const refused: unknown = await admin(...args).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Error);
    expect(refused).toMatchObject({ message: expect.stringMatching(sentence) });
  });

  it('a name or an address that is taken', async () => {
    const [name, address] = [alice.username.toUpperCase(), alice.email.toUpperCase()];
    const [taken, used] = await Promise.allSettled([
      admin('create', '--username', name, '--email', 'new@example.com'),
      admin('create', '--username', 'fourth', '--email', address),
    ]);
    expect(taken).toMatchObject({ reason: { message: `There is a user “${name}” already: use grant.` } });
    expect(used).toMatchObject({ reason: { message: 'Another user has this e-mail address.' } });
  });

  it('no product on this machine, no outputs, no such table', async () => {
    const outputs = join(temporaryFolder(), 'outputs.json');
    writeFileSync(outputs, '{"OtpService":{}}');
    const unlock = ['unlock', '--username', 'a'];
    const [nobody, file, table] = await Promise.all([
      npmRunAdmin({ CONTROL_PORT: '1' }, ...unlock),
      npmRunAdmin({}, ...unlock, '--outputs', outputs),
      admin(...unlock, '--table', 'no-such-table').catch((error: unknown) => error),
    ]);
    expect(nobody).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^No product answers at http:\S+:1\. Start it/),
    });
    expect(file).toEqual({ code: 1, stdout: '', stderr: `${outputs} is not what “cdk deploy --outputs-file” writes.` });
    expect(table).toMatchObject({
      message: expect.stringMatching(/^The command failed on the table “no-such-table”: [^\n]+$/),
    });
  });
});
