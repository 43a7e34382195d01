import { decodeBase32 } from '../../../shared/domain/base32.ts';
import type { TestUser } from '../../local/testing.ts';
import { codeAtInstant } from '../../testing/authenticator.ts';
import { plain, prepared, type Scenario } from '../scenario.ts';
import { logInAgain, newName, type World } from '../world.ts';

const stepMs = 30_000;
const newPassword = 'An0ther-long-secret';

/** Somebody with MFA. The code of the step before is spent on it: this step's and the next are still good. */
export async function enrol(world: World): Promise<{ person: TestUser; code: (stepsAhead: number) => string }> {
  const { person, code } = await beginEnrolment(world);
  const answer = await person.client.post('/users/me/mfa/verify', { mfa_code: code(-1) }, person);
  if (answer.status !== 200) throw new Error(`POST /users/me/mfa/verify: ${answer.status} ${answer.text}`);
  return { person, code };
}

async function beginEnrolment(world: World) {
  const person = await world.newPerson();
  const { body, status, text } = await person.client.post('/users/me/mfa/enable', undefined, person);
  const secret = decodeBase32(String(body?.mfa_secret));
  if (status !== 200 || secret === undefined) throw new Error(`POST /users/me/mfa/enable: ${status} ${text}`);
  return { person, code: (stepsAhead: number) => codeAtInstant({ secret }, Date.now() + stepsAhead * stepMs) };
}

const asMember = (path: string) => plain(({ member }: World) => member.client.get(path, member));
const asAdmin = (path: string, variant = '') => plain(({ admin }: World) => admin.client.get(path, admin), variant);

/** What an administrator does to somebody. */
const toSomebody = (method: string, path: string, body?: unknown) =>
  prepared({
    prepare: (world) => world.newPerson(),
    send: ({ admin }, { user }) => admin.client.send(method, `/users/${user.id}${path}`, body, admin),
  });

/** People, their factors and sessions. */
export const userScenarios = {
  'users/register-user': [
    plain(({ client }) => {
      const username = newName();
      return client.post('/users', { username, email: `${username}@example.com`, password: newPassword });
    }),
  ],
  'users/list-users': [asAdmin('/users?limit=20', '20 rows'), asAdmin('/users?search=u', 'searched')],
  'users/read-me': [asMember('/users/me')],
  'users/change-me': [
    plain(({ member }) => member.client.patch('/users/me', { department: newName() }, member), 'department'),
    plain(({ member }) => member.client.patch('/users/me', { email: `${newName()}@example.com` }, member), 'e-mail'),
  ],
  'users/change-password': [
    prepared({
      prepare: (world) => world.newPerson(),
      send: (_, person) => {
        const body = { current_password: person.password, new_password: newPassword };
        return person.client.post('/users/me/change-password', body, person);
      },
    }),
  ],
  'users/step-up': [
    plain(({ member }) => member.client.post('/users/me/step-up', { password: member.password }, member), 'password'),
    prepared({
      variant: 'password and a code',
      prepare: enrol,
      send: (_, { person, code }) =>
        person.client.post('/users/me/step-up', { password: person.password, mfa_code: code(0) }, person),
    }),
  ],
  'users/enable-mfa': [plain(({ member }) => member.client.post('/users/me/mfa/enable', undefined, member))],
  'users/verify-mfa': [
    prepared({
      prepare: beginEnrolment,
      send: (_, { person, code }) => person.client.post('/users/me/mfa/verify', { mfa_code: code(0) }, person),
    }),
  ],
  'users/disable-mfa': [
    prepared({
      prepare: enrol,
      send: (_, { person }) => person.client.post('/users/me/mfa/disable', undefined, person),
    }),
  ],
  'users/create-recovery-codes': [
    prepared({
      prepare: enrol,
      send: (_, { person }) => person.client.post('/users/me/mfa/recovery-codes', undefined, person),
    }),
  ],
  'users/count-recovery-codes': [
    prepared({
      prepare: enrol,
      send: (_, { person }) => person.client.get('/users/me/mfa/recovery-codes', person),
    }),
  ],
  'users/list-sessions': [asMember('/users/me/sessions')],
  'users/end-other-sessions': [
    prepared({
      prepare: (world) => world.newPerson(),
      send: (_, person) => person.client.delete('/users/me/sessions', person),
    }),
  ],
  'users/end-session': [
    prepared({
      prepare: async (world) => {
        await logInAgain(world);
        const { member } = world;
        const { body } = await member.client.get('/users/me/sessions', member);
        const other = body.find(({ current }: { current: boolean }) => !current);
        return String(other?.id);
      },
      send: ({ member }, id) => member.client.delete(`/users/me/sessions/${id}`, member),
    }),
  ],
  'users/read-user': [plain(({ admin, member }) => admin.client.get(`/users/${member.user.id}`, admin))],
  'users/change-user': [
    plain(
      ({ admin, member }) => admin.client.patch(`/users/${member.user.id}`, { job_title: newName() }, admin),
      'job title',
    ),
    prepared({
      variant: 'made administrator',
      prepare: (world) => world.newPerson(),
      send: ({ admin }, { user }) => admin.client.patch(`/users/${user.id}`, { is_admin: true }, admin),
    }),
  ],
  'users/unlock-user': [toSomebody('POST', '/unlock')],
  'users/reset-password': [toSomebody('POST', '/password-reset')],
  'users/reset-mfa': [
    prepared({
      prepare: enrol,
      send: ({ admin }, { person }) => admin.client.post(`/users/${person.user.id}/mfa-reset`, undefined, admin),
    }),
  ],
  'users/end-user-sessions': [toSomebody('DELETE', '/sessions')],
} satisfies Record<string, readonly Scenario[]>;
