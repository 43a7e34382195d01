import { fail } from '../../shared/api/problems.ts';
import { createRecoveryCodes } from '../../shared/api/users.ts';
import * as mfaFactors from '../../shared/data/mfa-factors.ts';
import { newRecoveryCodes } from '../../shared/flows/new-recovery-codes.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { mfaBox } from '../../shared/http/key-rings.ts';

/** POST /users/me/mfa/recovery-codes: a new set, shown this once, in the place of the old one. */
export const handler = endpoint(
  createRecoveryCodes,
  {
    load: ({ identity }) => [mfaFactors.recoveryRef(identity.userId)],
    decide: async ({ caller, now, once }, facts) => {
      const { user } = caller;
      const recovery = facts.get(mfaFactors.recoveryRef(user.id));
      if (recovery === undefined) throw fail('mfa_not_enabled');
      const { codes, set } = await once('codes', async () => newRecoveryCodes(now));
      return {
        reply: { recovery_codes: codes },
        writes: [mfaFactors.replaceRecovery(user.id, recovery, set)],
        events: [{ action: 'recovery_codes_create', resource: 'user', resourceId: user.id, status: 'success' }],
      };
    },
  },
  { box: mfaBox },
);
