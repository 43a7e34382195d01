import { fail } from '../api/problems.ts';
import type { Contract } from '../api/route.ts';
import { type ApiKeyParts, apiKeyMatches, parseApiKey } from '../crypto/api-key.ts';
import { hashOf } from '../crypto/refresh-chain.ts';
import { type TokenClaims, TokenRefused, type TokenVerifier } from '../crypto/tokens.ts';
import * as apiKeys from '../data/api-keys.ts';
import type { Write } from '../data/expression.ts';
import * as meters from '../data/meters.ts';
import * as sessions from '../data/sessions.ts';
import * as users from '../data/users.ts';
import { log } from '../log.ts';
import type { Facts, Ref } from './facts.ts';

/** Who a request claims to come from, by a token or key that holds; whether they are still alive the table tells. */
export type Identity =
  | { readonly kind: 'session'; readonly userId: string; readonly sessionHandle: string; readonly claims: TokenClaims }
  | { readonly kind: 'api-key'; readonly userId: string; readonly parts: ApiKeyParts };

/** Who a request comes from. */
export interface Caller {
  readonly user: users.User;
  readonly meter: meters.Meter;
  /** Absent for an API key. */
  readonly session: sessions.Session | undefined;
  readonly apiKey: apiKeys.ApiKey | undefined;
}

/** Reads the Authorization header; `authentication_required` for whatever is not a token or key of ours in its time. */
export async function identify(
  authorization: string | undefined,
  verifier: TokenVerifier,
  now: number,
): Promise<Identity> {
  const credential = /^Bearer ([^\s]+)$/i.exec(authorization ?? '')?.[1];
  if (credential === undefined) throw fail('authentication_required');
  const parts = parseApiKey(credential);
  if (parts !== undefined) return { kind: 'api-key', userId: parts.userId, parts };
  try {
    const claims = await verifier.verifyAccess(credential, now);
    return { kind: 'session', userId: claims.sub, sessionHandle: hashOf(claims.sid), claims };
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    log('info', 'TOKEN_REFUSED', { reason: error.reason });
    throw fail('authentication_required');
  }
}

/** What must be read to know a caller. */
export function callerRefs(identity: Identity): Ref[] {
  const { userId } = identity;
  const proof =
    identity.kind === 'session'
      ? sessions.ref(userId, identity.sessionHandle)
      : apiKeys.ref(userId, identity.parts.keyId);
  return [users.ref(userId), meters.ref(userId), proof];
}

/** The live user behind an identity, or `authentication_required`: logout, disabling and deletion bite here, at the next request. */
export function recognise(identity: Identity, facts: Facts, now: number): Caller {
  const user = facts.get(users.ref(identity.userId));
  const meter = facts.get(meters.ref(identity.userId));
  if (user === undefined || meter === undefined || !user.is_active) throw fail('authentication_required');
  if (identity.kind === 'api-key') {
    const apiKey = facts.get(apiKeys.ref(user.id, identity.parts.keyId));
    const proven = apiKey !== undefined && apiKeyMatches(identity.parts, apiKey.secret_hash);
    if (!proven || !apiKeys.isAlive(apiKey, now)) throw fail('authentication_required');
    return { user, meter, session: undefined, apiKey };
  }
  const session = facts.get(sessions.ref(user.id, identity.sessionHandle));
  if (session === undefined || !sessions.isAlive(session, user, now)) throw fail('authentication_required');
  return { user, meter, session, apiKey: undefined };
}

/** Throws the 403 that says why this caller may not do this. */
export function admit(
  caller: Caller,
  contract: Pick<Contract, 'who' | 'scope' | 'fresh' | 'duringPasswordChange'>,
  now: number,
): void {
  const { user, session, apiKey } = caller;
  if (apiKey !== undefined) {
    if (contract.scope === undefined) throw fail('user_token_required');
    if (!apiKey.scopes.includes(contract.scope)) throw fail('scope_missing');
  }
  if (user.must_change_password && !contract.duringPasswordChange) throw fail('password_change_required');
  if (contract.who === 'admin' && !user.is_admin) throw fail('admin_required');
  if (contract.fresh && (session === undefined || !sessions.isFresh(session, now)))
    throw fail('fresh_session_required');
}

/** Notes the use of session or key, when the last note is old enough. */
export function touchWrites({ user, session, apiKey }: Caller, now: number): Write[] {
  if (session !== undefined && sessions.touchIsDue(session, now)) return [sessions.touch(user.id, session, now)];
  if (apiKey !== undefined && apiKeys.touchIsDue(apiKey, now)) return [apiKeys.touch(user.id, apiKey, now)];
  return [];
}

/** Whether an API key's owner confined it to other configurations. */
export function mayUseConfig(caller: Caller, configId: number): boolean {
  const allowed = caller.apiKey?.config_ids;
  return allowed === undefined || allowed.includes(configId);
}
