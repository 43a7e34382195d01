import { revokeToken } from '../../shared/api/token.ts';
import { ofSession, readAnyToken } from '../../shared/flows/refresh-session.ts';
import { signOut } from '../../shared/flows/sign-out.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** POST /token/revoke: log out. A token that is none (any more) is answered the same way (RFC 7009 §2.2). */
export const handler = endpoint(revokeToken, async ({ body, now }) => {
  const claims = await readAnyToken(body.token, now);
  return {
    ...ofSession(claims),
    decide: (_known, facts) => ({ reply: { message: 'The session has ended.' }, ...signOut(claims, facts) }),
  };
});
