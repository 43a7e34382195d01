import * as sessions from '../data/sessions.ts';
import * as users from '../data/users.ts';
import { canonicalUsername, userIdOf } from '../domain/ids.ts';
import type { Facts, Ref } from '../http/facts.ts';
import type { Effects, EventDraft, Refusal } from '../http/outcome.ts';
import type { Client } from '../http/read-request.ts';
import { beginSession } from './begin-session.ts';
import type { Once } from './check-mfa.ts';
import { checkProof, type Proof, proofRefs, refuseLocked, refuseTry } from './check-proof.ts';
import type { IssuedTokens } from './issue-tokens.ts';

/** What somebody sends to log in. */
export interface SignIn extends Proof {
  readonly username: string;
}

/** Whose guard a log-in spends: the canonical name's, so that no spelling of it has a budget of its own. */
export function signInGuard({ username }: SignIn): string {
  return userIdOf(canonicalUsername(username));
}

/** What is read for a log-in, whoever it is: who has MFA, who has not and who does not exist cost the same. */
export function signInRefs(request: SignIn): Ref[] {
  const userId = signInGuard(request);
  return [users.ref(userId), ...proofRefs(userId)];
}

/** The refusal of a log-in to a locked name, before a try is spent. */
export function refuseLockedSignIn(request: SignIn, now: number, facts: Facts): Refusal | undefined {
  const userId = signInGuard(request);
  return refuseLocked({ userId, now }, facts, signInEvent(userId, facts));
}

/** Logs in (SPEC §6.2): tokens of a new session, or none where an MFA code is needed as well. */
export async function signIn(
  request: SignIn,
  { client, now, once }: { readonly client: Client; readonly now: number; readonly once: Once },
  facts: Facts,
): Promise<(Effects & { readonly tokens: IssuedTokens | undefined }) | Refusal> {
  const userId = signInGuard(request);
  const event = signInEvent(userId, facts);
  const check = await checkProof({ userId, user: facts.get(users.ref(userId)), now, once }, request, facts);
  if (check.result === 'code_needed') {
    return { tokens: undefined, events: [{ ...event, status: 'failure', details: { reason: 'mfa_required' } }] };
  }
  if (check.result !== 'proven') return refuseTry(check, 'invalid_credentials', event);

  const { user, writes } = check;
  const { is_active, mfa_enabled, session_generation, temporary_password } = user;
  const { session, tokens } = await once(`session ${session_generation}`, () => beginSession(user, client, now));
  return {
    tokens,
    writes: [
      ...writes,
      sessions.create(userId, session),
      // Password change, MFA change and disabling meanwhile mean that something else had to be proven.
      users.change(
        userId,
        { last_login_at: now, temporary_password: temporary_password && 'used' },
        { is_active, mfa_enabled, session_generation, temporary_password },
      ),
    ],
    events: [{ ...event, resourceId: session.handle, details: { mfa: mfa_enabled } }],
  };
}

// A name that nobody has is not written down: it may be a password in the wrong field.
function signInEvent(userId: string, facts: Facts): EventDraft {
  const user = facts.get(users.ref(userId));
  return {
    action: 'login',
    resource: 'session',
    status: 'success',
    about: { partition: userId, userId: user?.id, username: user?.username },
  };
}
