import { hashOf } from '../crypto/refresh-chain.ts';
import type { TokenClaims } from '../crypto/tokens.ts';
import * as sessions from '../data/sessions.ts';
import * as users from '../data/users.ts';
import type { Facts } from '../http/facts.ts';
import type { Effects } from '../http/outcome.ts';

/** Ends the session of a token; of one that is no longer valid there is nothing to end. */
export function signOut(claims: TokenClaims | undefined, facts: Facts): Effects {
  if (claims === undefined) return {};
  const session = facts.get(sessions.ref(claims.sub, hashOf(claims.sid)));
  if (session === undefined) return {};
  const user = facts.get(users.ref(claims.sub));
  return {
    writes: [sessions.end(claims.sub, session.handle)],
    events: [
      {
        action: 'logout',
        resource: 'session',
        resourceId: session.handle,
        status: 'success',
        about: { partition: claims.sub, userId: user?.id, username: user?.username },
      },
    ],
  };
}
