import { fail } from '../../shared/api/problems.ts';
import { unlockUser } from '../../shared/api/users.ts';
import * as logins from '../../shared/data/logins.ts';
import * as users from '../../shared/data/users.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** POST /users/{user_id}/unlock: ends the lock, and the wait for a new try. */
export const handler = endpoint(unlockUser, {
  load: ({ params }) => [users.ref(params.user_id)],
  decide: ({ params, now }, facts) => {
    const user = facts.get(users.ref(params.user_id));
    if (user === undefined) throw fail('user_not_found');
    return {
      reply: { message: 'The user can log in again.' },
      writes: [logins.unlock(user.id, now)],
      events: [
        {
          action: 'user_unlock',
          resource: 'user',
          resourceId: user.id,
          status: 'success',
          details: { username: user.username },
        },
      ],
    };
  },
});
