import { fail } from '../../shared/api/problems.ts';
import { verifyMfa } from '../../shared/api/users.ts';
import * as mfaFactors from '../../shared/data/mfa-factors.ts';
import { mfa } from '../../shared/domain/policy.ts';
import { checkMfaCode } from '../../shared/flows/check-mfa-code.ts';
import { changeAndEndOthers } from '../../shared/flows/end-sessions.ts';
import { newRecoveryCodes } from '../../shared/flows/new-recovery-codes.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { mfaBox } from '../../shared/http/key-rings.ts';
import type { EventDraft } from '../../shared/http/outcome.ts';

/** POST /users/me/mfa/verify: the pending secret becomes the active one; the code that proved it is spent. */
export const handler = endpoint(
  verifyMfa,
  {
    load: ({ identity }) => [mfaFactors.pendingRef(identity.userId)],
    decide: async ({ caller, body, now, once }, facts) => {
      const { user } = caller;
      if (user.mfa_enabled) throw fail('mfa_already_enabled');
      const pending = facts.get(mfaFactors.pendingRef(user.id));
      const isPending = pending && now < pending.expires_at && pending.failures < mfa.pendingFailures;
      if (!isPending) throw fail('mfa_not_pending');

      const event: EventDraft = { action: 'mfa_enable', resource: 'user', resourceId: user.id, status: 'success' };
      const decision = await checkMfaCode(user.id, pending, body.mfa_code, now);
      if (decision.result !== 'valid') {
        return {
          refuse: 'invalid_mfa_code',
          writes: [mfaFactors.countPendingFailure(user.id, pending)],
          events: [{ ...event, status: 'failure' }],
        };
      }
      const { codes, set } = await once('codes', async () => newRecoveryCodes(now));
      const { sealed, factor_id } = pending;
      return {
        reply: {
          message: 'MFA is on. Keep the recovery codes safe. The other sessions have ended.',
          recovery_codes: codes,
        },
        writes: [
          mfaFactors.activate(user.id, { sealed, factor_id, last_step: decision.step, failures: 0, created_at: now }),
          mfaFactors.finishPending(user.id, pending),
          mfaFactors.createRecovery(user.id, set),
          ...changeAndEndOthers(caller, { mfa_enabled: true }, now),
        ],
        events: [event],
      };
    },
  },
  { box: mfaBox },
);
