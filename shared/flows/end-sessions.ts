import { fail } from '../api/problems.ts';
import type { Write } from '../data/expression.ts';
import * as sessions from '../data/sessions.ts';
import * as users from '../data/users.ts';
import type { Caller } from '../http/caller.ts';

/** Changes the caller and ends every session but the one that asks. `seen`: what else the decision rests on. */
export function changeAndEndOthers(
  caller: Caller,
  fields: users.UserChange,
  now: number,
  seen?: Partial<users.User>,
): Write[] {
  const { user } = caller;
  return [
    users.changeAndEndSessions(user, fields, seen),
    sessions.follow(user.id, sessionOf(caller), user.session_generation + 1, now),
  ];
}

/** The session that asks; API keys have none. */
export function sessionOf({ session }: Caller): sessions.Session {
  if (session === undefined) throw fail('user_token_required');
  return session;
}

/** How many of a user's sessions still count. */
export function countAlive(found: readonly sessions.Session[], user: users.User, now: number): number {
  return found.filter((session) => sessions.isAlive(session, user, now)).length;
}
