import { hashOf, newRotationSalt, successorJti } from '../crypto/refresh-chain.ts';
import { type TokenClaims, TokenRefused } from '../crypto/tokens.ts';
import type { Write } from '../data/expression.ts';
import type { LimitSpending } from '../data/meters.ts';
import * as sessions from '../data/sessions.ts';
import * as users from '../data/users.ts';
import { session as policy } from '../domain/policy.ts';
import type { Facts, Ref } from '../http/facts.ts';
import type { Effects, Refusal } from '../http/outcome.ts';
import { tokenVerifier } from '../http/runtime.ts';
import { countMetric, log } from '../log.ts';
import { type IssuedTokens, issueTokens } from './issue-tokens.ts';

/** What a refresh token says, or undefined where it is none of ours or its time is over. */
export async function readRefreshToken(token: string | undefined, now: number): Promise<TokenClaims | undefined> {
  return token === undefined ? undefined : unlessRefused(tokenVerifier.verifyRefresh(token, now));
}

/** What a refresh or an access token says, for what may be done with either. */
export async function readAnyToken(token: string, now: number): Promise<TokenClaims | undefined> {
  return (await readRefreshToken(token, now)) ?? unlessRefused(tokenVerifier.verifyAccess(token, now));
}

async function unlessRefused(verified: Promise<TokenClaims>): Promise<TokenClaims | undefined> {
  try {
    return await verified;
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    log('info', 'TOKEN_REFUSED', { reason: error.reason });
    return undefined;
  }
}

/** What is read for a token's session, and where its limit is kept: on the session itself. */
export function ofSession(claims: TokenClaims | undefined) {
  const ref = claims && sessions.ref(claims.sub, hashOf(claims.sid));
  return {
    load: (): Ref[] => (claims && ref ? [users.ref(claims.sub), ref] : []),
    limitItem: (_asked: unknown, facts: Facts) => ref && facts.get(ref),
  };
}

/**
 * Exchanges a refresh token (SPEC §6.3). One caller rotates it; whoever presents the immediate predecessor within the grace gets
 * the same successor. Any other token that was used ends the session. A session that is gone is no theft: it was ended.
 */
export async function refreshSession(
  claims: TokenClaims | undefined,
  { now, spending }: { readonly now: number; readonly spending: LimitSpending | undefined },
  facts: Facts,
): Promise<(Effects & { readonly tokens: IssuedTokens }) | Refusal> {
  const user = claims && facts.get(users.ref(claims.sub));
  const session = claims && facts.get(sessions.ref(claims.sub, hashOf(claims.sid)));
  const isAlive = user?.is_active && session && sessions.isAlive(session, user, now);
  if (!isAlive || spending === undefined) return { refuse: 'invalid_refresh_token' };

  const next = successorOf(user.id, session, claims.jti, spending, now);
  if (next === undefined) return endAsStolen(user, session);
  const tokens = await issueTokens(user, session, { sid: claims.sid, refreshJti: next.jti }, now);
  return { tokens, writes: [next.write] };
}

function successorOf(
  userId: string,
  session: sessions.Session,
  jti: string,
  spending: LimitSpending,
  now: number,
): { jti: string; write: Write } | undefined {
  const digest = hashOf(jti);
  if (digest === session.refresh_digest) {
    const rotationSalt = newRotationSalt();
    const successor = successorJti(jti, rotationSalt);
    const next = { refreshDigest: hashOf(successor), rotationSalt };
    return { jti: successor, write: sessions.rotate(userId, session, next, spending, now) };
  }
  const { previous_digest, rotated_at, rotation_salt } = session;
  if (digest !== previous_digest || rotated_at === undefined || rotation_salt === undefined) return undefined;
  // To both sides: a request stamped earlier may be decided later, and a clock set back must not open the grace again.
  const isWithinGrace = Math.abs(now - rotated_at) <= policy.refreshGraceSeconds * 1000;
  if (!isWithinGrace) return undefined;
  return { jti: successorJti(jti, rotation_salt), write: sessions.answerSuccessorAgain(userId, session, spending) };
}

// RFC 9700 §4.14.2: who of the two is the thief cannot be told, so both are out; other sessions are not touched.
function endAsStolen(user: users.User, session: sessions.Session): Refusal {
  return {
    refuse: 'invalid_refresh_token',
    writes: [sessions.end(user.id, session.handle)],
    events: [
      {
        action: 'refresh_reuse',
        resource: 'session',
        resourceId: session.handle,
        status: 'failure',
        about: { partition: user.id, userId: user.id, username: user.username },
      },
    ],
    afterwards: () => {
      countMetric('refreshReuse');
      log('warn', 'REFRESH_REUSE', { session: session.handle });
    },
  };
}
