import { fail } from '../../shared/api/problems.ts';
import { enableMfa } from '../../shared/api/users.ts';
import * as mfaFactors from '../../shared/data/mfa-factors.ts';
import { mfa } from '../../shared/domain/policy.ts';
import { newMfaSecret } from '../../shared/flows/new-mfa-secret.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { mfaBox } from '../../shared/http/key-rings.ts';

/** POST /users/me/mfa/enable: a secret that waits for its first code; it never touches an active one. */
export const handler = endpoint(
  enableMfa,
  {
    decide: async ({ caller, now }) => {
      const { user } = caller;
      if (user.mfa_enabled) throw fail('mfa_already_enabled');
      const { factorId, sealed, forms } = await newMfaSecret(user);
      const expiresAt = now + mfa.pendingSeconds * 1000;
      return {
        reply: { ...forms, expires_at: new Date(expiresAt).toISOString() },
        writes: [mfaFactors.begin(user.id, { sealed, factor_id: factorId, failures: 0, expires_at: expiresAt })],
        events: [{ action: 'mfa_setup', resource: 'user', resourceId: user.id, status: 'success' }],
      };
    },
  },
  { box: mfaBox },
);
