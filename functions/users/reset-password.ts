import { fail } from '../../shared/api/problems.ts';
import { resetPassword } from '../../shared/api/users.ts';
import { hashPassword } from '../../shared/crypto/password-hash.ts';
import * as credentials from '../../shared/data/credentials.ts';
import * as users from '../../shared/data/users.ts';
import { makeTemporaryPassword } from '../../shared/domain/temporary-password.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { mfaBox } from '../../shared/http/key-rings.ts';

/** POST /users/{user_id}/password-reset: a temporary password, shown this once; whoever was logged in is out. */
export const handler = endpoint(
  resetPassword,
  {
    load: ({ params }) => [users.ref(params.user_id)],
    decide: async ({ params, now, once }, facts) => {
      const user = facts.get(users.ref(params.user_id));
      if (user === undefined) throw fail('user_not_found');
      const { password, hash } = await once('password', async () => {
        const password = makeTemporaryPassword(user.username);
        return { password, hash: await hashPassword(password) };
      });
      return {
        reply: { temporary_password: password, must_change_password: true as const },
        writes: [
          credentials.reset(user.id, hash, now),
          users.changeAndEndSessions(user, { must_change_password: true, temporary_password: 'unused' }),
        ],
        events: [
          {
            action: 'password_reset',
            resource: 'user',
            resourceId: user.id,
            status: 'success',
            details: { username: user.username },
          },
        ],
      };
    },
  },
  { box: mfaBox },
);
