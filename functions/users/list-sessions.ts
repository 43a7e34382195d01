import { listSessions } from '../../shared/api/users.ts';
import * as sessions from '../../shared/data/sessions.ts';
import { allRows } from '../../shared/flows/all-rows.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** GET /users/me/sessions: where one is logged in, the newest first. */
export const handler = endpoint(listSessions, {
  load: ({ identity }) => [sessions.range(identity.userId)],
  decide: async ({ caller, now }, facts) => {
    const found = await allRows(facts, sessions.range(caller.user.id));
    const alive = found.filter((session) => sessions.isAlive(session, caller.user, now));
    return {
      reply: alive
        .sort((a, b) => b.created_at - a.created_at)
        .map((session) => ({
          id: session.handle,
          current: session.handle === caller.session?.handle,
          created_at: new Date(session.created_at).toISOString(),
          last_seen_at: new Date(session.last_seen_at).toISOString(),
          expires_at: new Date(session.expires_at).toISOString(),
          ip_address: session.ip_address,
          user_agent: session.user_agent ?? null,
        })),
    };
  },
});
