import { endOtherSessions } from '../../shared/api/users.ts';
import * as sessions from '../../shared/data/sessions.ts';
import { allRows } from '../../shared/flows/all-rows.ts';
import { changeAndEndOthers, countAlive } from '../../shared/flows/end-sessions.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** DELETE /users/me/sessions: every session but the one that asks. */
export const handler = endpoint(endOtherSessions, {
  load: ({ identity }) => [sessions.range(identity.userId)],
  decide: async ({ caller, now }, facts) => {
    const all = await allRows(facts, sessions.range(caller.user.id));
    const others = all.filter((session) => session.handle !== caller.session?.handle);
    const ended = countAlive(others, caller.user, now);
    return {
      reply: { message: 'The other sessions have ended.', ended },
      writes: changeAndEndOthers(caller, {}, now),
      events: [{ action: 'session_end', resource: 'session', status: 'success', details: { ended } }],
    };
  },
});
