import { fail } from '../../shared/api/problems.ts';
import { changeUser } from '../../shared/api/users.ts';
import * as logins from '../../shared/data/logins.ts';
import * as users from '../../shared/data/users.ts';
import { rosterWrites } from '../../shared/flows/roster-writes.ts';
import { adminUserAnswer } from '../../shared/flows/user-answer.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** PATCH /users/{user_id}: what an administrator may change. Disabling ends the sessions; the last administrator stays. */
export const handler = endpoint(changeUser, {
  load: ({ params }) => [users.ref(params.user_id), logins.ref(params.user_id)],
  decide: ({ params, body, now }, facts) => {
    const user = facts.get(users.ref(params.user_id));
    if (user === undefined) throw fail('user_not_found');
    const after = users.changed(user, body);
    const reply = adminUserAnswer(after, facts.get(logins.ref(user.id)), now);
    const fields = Object.keys(body);
    if (fields.length === 0) return { reply };
    // The roster moves by the difference: two changes at once must not both make the same one.
    const seen = { is_active: user.is_active, is_admin: user.is_admin };
    const isDisabled = user.is_active && !after.is_active;
    return {
      reply,
      writes: [
        // Else its sessions would come back to life with it.
        isDisabled ? users.changeAndEndSessions(user, body, seen) : users.change(user.id, body, seen),
        ...rosterWrites(user, after),
      ],
      events: [
        {
          action: 'user_update',
          resource: 'user',
          resourceId: user.id,
          status: 'success',
          details: { username: user.username, ...body },
        },
      ],
    };
  },
});
