import { fail } from '../../shared/api/problems.ts';
import { endUserSessions } from '../../shared/api/users.ts';
import * as sessions from '../../shared/data/sessions.ts';
import * as users from '../../shared/data/users.ts';
import { allRows } from '../../shared/flows/all-rows.ts';
import { countAlive } from '../../shared/flows/end-sessions.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** DELETE /users/{user_id}/sessions: all sessions of a user, at once. */
export const handler = endpoint(endUserSessions, {
  load: ({ params }) => [users.ref(params.user_id), sessions.range(params.user_id)],
  decide: async ({ params, now }, facts) => {
    const user = facts.get(users.ref(params.user_id));
    if (user === undefined) throw fail('user_not_found');
    const ended = countAlive(await allRows(facts, sessions.range(user.id)), user, now);
    return {
      reply: { message: 'The sessions have ended.', ended },
      writes: [users.changeAndEndSessions(user, {})],
      events: [
        {
          action: 'session_end',
          resource: 'user',
          resourceId: user.id,
          status: 'success',
          details: { username: user.username, ended },
        },
      ],
    };
  },
});
