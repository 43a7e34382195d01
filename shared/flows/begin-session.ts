import { hashOf } from '../crypto/refresh-chain.ts';
import type { Session } from '../data/sessions.ts';
import type { User } from '../data/users.ts';
import { randomToken } from '../domain/ids.ts';
import { session as policy } from '../domain/policy.ts';
import type { Client } from '../http/read-request.ts';
import { type IssuedTokens, issueTokens } from './issue-tokens.ts';

const idBytes = 32;

/** A session as it begins, fresh, and its first tokens. Its id and theirs stand in the tokens alone, their hashes in the table. */
export async function beginSession(
  user: User,
  client: Client,
  now: number,
): Promise<{ readonly session: Session; readonly tokens: IssuedTokens }> {
  const sid = randomToken(idBytes);
  const refreshJti = randomToken(idBytes);
  const session: Session = {
    handle: hashOf(sid),
    generation: user.session_generation,
    created_at: now,
    last_seen_at: now,
    expires_at: now + policy.absoluteSeconds * 1000,
    proven_at: now,
    ip_address: client.ip,
    user_agent: client.userAgent,
    refresh_digest: hashOf(refreshJti),
  };
  return { session, tokens: await issueTokens(user, session, { sid, refreshJti }, now) };
}
