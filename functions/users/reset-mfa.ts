import { fail } from '../../shared/api/problems.ts';
import { resetMfa } from '../../shared/api/users.ts';
import * as mfaFactors from '../../shared/data/mfa-factors.ts';
import * as users from '../../shared/data/users.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** POST /users/{user_id}/mfa-reset: MFA off for somebody who lost it; whoever was logged in is out. */
export const handler = endpoint(resetMfa, {
  load: ({ params }) => [users.ref(params.user_id)],
  decide: ({ params }, facts) => {
    const user = facts.get(users.ref(params.user_id));
    if (user === undefined) throw fail('user_not_found');
    if (!user.mfa_enabled) throw fail('mfa_not_enabled');
    return {
      reply: { message: 'MFA is off. The user can set it up again.' },
      writes: [...mfaFactors.deactivate(user.id), users.changeAndEndSessions(user, { mfa_enabled: false })],
      events: [
        {
          action: 'mfa_reset',
          resource: 'user',
          resourceId: user.id,
          status: 'success',
          details: { username: user.username },
        },
      ],
    };
  },
});
