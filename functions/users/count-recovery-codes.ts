import { fail } from '../../shared/api/problems.ts';
import { countRecoveryCodes } from '../../shared/api/users.ts';
import * as mfaFactors from '../../shared/data/mfa-factors.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** GET /users/me/mfa/recovery-codes: how many are left. */
export const handler = endpoint(countRecoveryCodes, {
  load: ({ identity }) => [mfaFactors.recoveryRef(identity.userId)],
  decide: ({ caller }, facts) => {
    const recovery = facts.get(mfaFactors.recoveryRef(caller.user.id));
    if (recovery === undefined) throw fail('mfa_not_enabled');
    return { reply: { remaining: recovery.hashes?.size ?? 0 } };
  },
});
