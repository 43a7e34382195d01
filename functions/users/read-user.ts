import { fail } from '../../shared/api/problems.ts';
import { readUser } from '../../shared/api/users.ts';
import * as logins from '../../shared/data/logins.ts';
import * as users from '../../shared/data/users.ts';
import { adminUserAnswer } from '../../shared/flows/user-answer.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** GET /users/{user_id}: one user, with failed log-ins and lock. */
export const handler = endpoint(readUser, {
  load: ({ params }) => [users.ref(params.user_id), logins.ref(params.user_id)],
  decide: ({ params, now }, facts) => {
    const user = facts.get(users.ref(params.user_id));
    if (user === undefined) throw fail('user_not_found');
    return { reply: adminUserAnswer(user, facts.get(logins.ref(user.id)), now) };
  },
});
