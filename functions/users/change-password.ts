import type { FieldError } from '../../shared/api/problems.ts';
import { changePassword } from '../../shared/api/users.ts';
import { hashPassword } from '../../shared/crypto/password-hash.ts';
import * as credentials from '../../shared/data/credentials.ts';
import * as logins from '../../shared/data/logins.ts';
import { passwordProblems } from '../../shared/domain/password.ts';
import { failedTry, isPassword, refuseLocked, refuseTry } from '../../shared/flows/check-proof.ts';
import { changeAndEndOthers } from '../../shared/flows/end-sessions.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import type { EventDraft, Refusal } from '../../shared/http/outcome.ts';

/** POST /users/me/change-password: proves the old one, within the same budget of failures as a log-in; ends the other sessions. */
export const handler = endpoint(changePassword, {
  load: ({ identity }) => [logins.ref(identity.userId), credentials.ref(identity.userId)],
  gate: ({ caller, body, now }, facts) => {
    const proving = { userId: caller.user.id, now };
    return refuseUnfit(body, caller.user.username) ?? refuseLocked(proving, facts, eventOf(caller.user.id));
  },
  spendsFirst: true,
  decide: async ({ caller, body, now, once }, facts) => {
    const userId = caller.user.id;
    const credential = facts.get(credentials.ref(userId));
    if (credential === undefined || !(await isPassword({ userId, once }, body.current_password, facts))) {
      return refuseTry(failedTry({ userId, now }, facts, 'wrong_password'), 'wrong_password', eventOf(userId));
    }
    const hash = await once('hash', () => hashPassword(body.new_password));
    return {
      reply: { message: 'The password is changed. The other sessions have ended.' },
      writes: [
        credentials.replace(userId, credential, hash, now),
        ...changeAndEndOthers(caller, { must_change_password: false, temporary_password: null }, now),
      ],
      events: [eventOf(userId)],
    };
  },
});

// Told before it costs a try: it says nothing about the current password.
function refuseUnfit(body: { current_password: string; new_password: string }, username: string): Refusal | undefined {
  const isSame = body.new_password === body.current_password;
  const messages = [
    ...passwordProblems(body.new_password, username),
    ...(isSame ? ['Choose another password than the one you have.'] : []),
  ];
  const errors: FieldError[] = messages.map((message) => ({ path: 'new_password', message }));
  return errors.length === 0 ? undefined : { refuse: 'invalid_request', extras: { errors } };
}

function eventOf(userId: string): EventDraft {
  return { action: 'password_change', resource: 'user', resourceId: userId, status: 'success' };
}
