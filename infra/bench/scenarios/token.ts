import { plain, prepared, type Scenario } from '../scenario.ts';
import { logInAgain, newName, type World } from '../world.ts';
import { enrol } from './users.ts';

/** A session of the console, begun by /auth: the cookie that it was given. */
async function beginCookieSession({ client, member }: World): Promise<{ cookie: string }> {
  const answer = await client.post('/auth', { action: 'login', username: member.username, password: member.password });
  const [cookie] = (answer.headers['set-cookie'] ?? '').split(';');
  if (!cookie) throw new Error(`POST /auth: ${answer.status} ${answer.text}`);
  return { cookie };
}

const withCookie = (action: string) =>
  prepared({
    variant: action,
    prepare: beginCookieSession,
    send: ({ client }, headers) => client.post('/auth', { action }, { headers: { ...headers } }),
  });

/** Log-in and log-out. */
export const tokenScenarios = {
  'token/create-token': [
    plain(({ client, member: { username, password } }) => client.post('/token', { username, password }), 'password'),
    prepared({
      variant: 'password and a code',
      prepare: enrol,
      send: ({ client }, { person: { username, password }, code }) =>
        client.post('/token', { username, password, mfa_code: code(0) }),
    }),
  ],
  'token/refresh-token': [
    prepared({
      prepare: logInAgain,
      send: ({ client }, { refreshToken }) => client.post('/token/refresh', { refresh_token: refreshToken }),
    }),
  ],
  'token/revoke-token': [
    prepared({
      prepare: logInAgain,
      send: ({ client }, { refreshToken }) => client.post('/token/revoke', { token: refreshToken }),
    }),
  ],
  'auth/authenticate': [
    plain(({ client, member: { username, password } }) => {
      return client.post('/auth', { action: 'login', username, password });
    }, 'login'),
    prepared({
      variant: 'login with a code',
      prepare: enrol,
      send: ({ client }, { person: { username, password }, code }) =>
        client.post('/auth', { action: 'login', username, password, mfa_code: code(0) }),
    }),
    plain(({ client }) => {
      const username = newName();
      const body = { username, email: `${username}@example.com`, password: 'An0ther-long-secret' };
      return client.post('/auth', { action: 'signup', ...body });
    }, 'signup'),
    plain(({ client, member }) => client.post('/auth', { action: 'getUser' }, member), 'getUser'),
    withCookie('refresh'),
    withCookie('logout'),
  ],
} satisfies Record<string, readonly Scenario[]>;
