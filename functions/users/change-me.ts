import { fail } from '../../shared/api/problems.ts';
import { changeMe } from '../../shared/api/users.ts';
import * as claims from '../../shared/data/claims.ts';
import * as users from '../../shared/data/users.ts';
import { canonicalEmail } from '../../shared/domain/ids.ts';
import { userAnswer } from '../../shared/flows/user-answer.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** PATCH /users/me: one's profile. With the e-mail address moves the claim that makes it unique. */
export const handler = endpoint(changeMe, {
  load: ({ body }) => (body.email === undefined ? [] : [claims.emailRef(canonicalEmail(body.email))]),
  decide: ({ caller, body }, facts) => {
    const { user } = caller;
    const claim = body.email === undefined ? undefined : facts.get(claims.emailRef(canonicalEmail(body.email)));
    // Decided, so that it spends the limit: to ask for addresses of others is not free. Who loses a race is told by the claim itself.
    if (claim !== undefined && claim.user_id !== user.id) throw fail('email_taken');
    const fields = Object.keys(body);
    if (fields.length === 0) return { reply: userAnswer(user) };
    return {
      reply: userAnswer(users.changed(user, body)),
      writes: [users.change(user.id, body, { email: user.email }), ...moveClaim(user, body.email)],
      events: [
        { action: 'user_update', resource: 'user', resourceId: user.id, status: 'success', details: { fields } },
      ],
    };
  },
});

function moveClaim(user: users.User, email: string | undefined) {
  const [from, to] = [canonicalEmail(user.email), canonicalEmail(email ?? user.email)];
  return from === to ? [] : [claims.claimEmail(to, user.id), claims.releaseEmail(from, user.id)];
}
