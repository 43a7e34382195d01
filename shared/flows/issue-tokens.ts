import type { Session } from '../data/sessions.ts';
import type { User } from '../data/users.ts';
import { randomToken } from '../domain/ids.ts';
import { session as policy } from '../domain/policy.ts';
import { tokenSigner } from '../http/token-issuer.ts';

/** A pair of tokens of a session. */
export interface IssuedTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** How long the access token lives, in seconds. */
  readonly expiresIn: number;
  /** When the session ends, and the refresh token with it. */
  readonly sessionExpiresAt: number;
}

const jtiBytes = 16;

/** Signs a pair of tokens. Neither outlives its session; the access token lives no longer than an idle session does. */
export async function issueTokens(
  user: Pick<User, 'id' | 'session_timeout'>,
  session: Pick<Session, 'expires_at'>,
  ids: { readonly sid: string; readonly refreshJti: string },
  now: number,
): Promise<IssuedTokens> {
  const iat = Math.floor(now / 1000);
  const sessionEnd = Math.floor(session.expires_at / 1000);
  const accessEnd = Math.min(iat + policy.accessSeconds, iat + user.session_timeout * 60, sessionEnd);
  const claims = { sub: user.id, sid: ids.sid, iat };
  const [accessToken, refreshToken] = await Promise.all([
    tokenSigner.signAccess({ ...claims, jti: randomToken(jtiBytes), exp: accessEnd }),
    tokenSigner.signRefresh({ ...claims, jti: ids.refreshJti, exp: sessionEnd }),
  ]);
  return { accessToken, refreshToken, expiresIn: accessEnd - iat, sessionExpiresAt: session.expires_at };
}
