import { stepUp } from '../../shared/api/users.ts';
import * as sessions from '../../shared/data/sessions.ts';
import { session as policy } from '../../shared/domain/policy.ts';
import { checkProof, proofRefs, refuseLocked, refuseTry } from '../../shared/flows/check-proof.ts';
import { sessionOf } from '../../shared/flows/end-sessions.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import type { EventDraft } from '../../shared/http/outcome.ts';

/** POST /users/me/step-up: proves again who one is, within the budget of log-ins; this session is fresh from now on. */
export const handler = endpoint(stepUp, {
  guards: ({ identity }) => identity.userId,
  load: ({ identity }) => proofRefs(identity.userId),
  gate: ({ caller, now }, facts) => refuseLocked({ userId: caller.user.id, now }, facts, event),
  spendsFirst: true,
  decide: async ({ caller, body, now, once }, facts) => {
    const { user } = caller;
    const session = sessionOf(caller);
    const check = await checkProof({ userId: user.id, user, now, once }, body, facts);
    if (check.result === 'code_needed') {
      return {
        reply: { fresh_until: null, mfa_required: true },
        events: [{ ...event, status: 'failure', details: { reason: 'mfa_required' } }],
      };
    }
    if (check.result !== 'proven') return refuseTry(check, 'wrong_password', event);
    return {
      reply: { fresh_until: new Date(now + policy.freshSeconds * 1000).toISOString(), mfa_required: false },
      writes: [...check.writes, sessions.prove(user.id, session, now)],
      events: [{ ...event, resourceId: session.handle, details: { mfa: user.mfa_enabled } }],
    };
  },
});

const event: EventDraft = { action: 'step_up', resource: 'session', status: 'success' };
