import { fail } from '../../shared/api/problems.ts';
import { endSession } from '../../shared/api/users.ts';
import * as sessions from '../../shared/data/sessions.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** DELETE /users/me/sessions/{session_id}: one session, also the one that asks. */
export const handler = endpoint(endSession, {
  load: ({ identity, params }) => [sessions.ref(identity.userId, params.session_id)],
  decide: ({ caller, params, now }, facts) => {
    const session = facts.get(sessions.ref(caller.user.id, params.session_id));
    if (session === undefined || !sessions.isAlive(session, caller.user, now)) throw fail('session_not_found');
    return {
      reply: { message: 'The session has ended.' },
      writes: [sessions.end(caller.user.id, session.handle)],
      events: [{ action: 'session_end', resource: 'session', resourceId: session.handle, status: 'success' }],
    };
  },
});
