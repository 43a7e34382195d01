import { fail } from '../../shared/api/problems.ts';
import { disableMfa } from '../../shared/api/users.ts';
import * as mfaFactors from '../../shared/data/mfa-factors.ts';
import { changeAndEndOthers } from '../../shared/flows/end-sessions.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** POST /users/me/mfa/disable: the secret and the recovery codes are destroyed at once. */
export const handler = endpoint(disableMfa, {
  decide: ({ caller, now }) => {
    const { user } = caller;
    if (!user.mfa_enabled) throw fail('mfa_not_enabled');
    return {
      reply: { message: 'MFA is off. The other sessions have ended.' },
      writes: [...mfaFactors.deactivate(user.id), ...changeAndEndOthers(caller, { mfa_enabled: false }, now)],
      events: [{ action: 'mfa_disable', resource: 'user', resourceId: user.id, status: 'success' }],
    };
  },
});
