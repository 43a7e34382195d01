import { fail } from '../../shared/api/problems.ts';
import type { Input } from '../../shared/api/route.ts';
import { authenticate } from '../../shared/api/token.ts';
import type { IssuedTokens } from '../../shared/flows/issue-tokens.ts';
import { clearedCookie, readCookie, refreshCookie } from '../../shared/flows/refresh-cookie.ts';
import { ofSession, readRefreshToken, refreshSession } from '../../shared/flows/refresh-session.ts';
import { refuseLockedSignIn, signIn, signInGuard, signInRefs } from '../../shared/flows/sign-in.ts';
import { signOut } from '../../shared/flows/sign-out.ts';
import { refuseUnfit, signUp, signUpRefs } from '../../shared/flows/sign-up.ts';
import { userAnswer } from '../../shared/flows/user-answer.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import type { Operation } from '../../shared/http/operation.ts';
import type { Sent } from '../../shared/http/read-request.ts';

type Auth = Operation<typeof authenticate>;
type Body<Action extends string> = Extract<Input<typeof authenticate, 'body'>, { action: Action }>;

/**
 * POST /auth: the console's session. The same flows as /users and /token, but the refresh token is in a cookie that no script
 * reads. Pages of other origins are turned away: by SameSite, by the JSON content type, and here by what their browser says.
 */
export const handler = endpoint(authenticate, async (sent) => {
  if (sent.client.isFromOtherOrigin) throw fail('cross_origin_refused');
  switch (sent.body.action) {
    case 'login':
      return logIn(sent.body);
    case 'signup':
      return register(sent.body);
    case 'getUser':
      return getUser;
    case 'refresh':
      return refresh(sent);
    case 'logout':
      return logOut(sent);
  }
});

function logIn({ action: _, ...request }: Body<'login'>): Auth {
  return {
    guards: () => signInGuard(request),
    load: () => signInRefs(request),
    gate: ({ now }, facts) => refuseLockedSignIn(request, now, facts),
    spendsFirst: true,
    decide: async (known, facts) => {
      const outcome = await signIn(request, known, facts);
      if ('refuse' in outcome) return outcome;
      const { tokens, ...effects } = outcome;
      return { ...answer(tokens, known.now), ...effects };
    },
  };
}

function register({ action: _, ...registration }: Body<'signup'>): Auth {
  refuseUnfit(registration);
  return {
    rules: { who: 'public', limit: 'register' },
    load: () => signUpRefs(registration),
    spendsFirst: true,
    decide: async (known, facts) => {
      const { user, ...effects } = await signUp(registration, known, facts);
      return { reply: userAnswer(user), ...effects };
    },
  };
}

const getUser: Auth = {
  rules: { who: 'user', limit: undefined, duringPasswordChange: true },
  decide: ({ caller }) => {
    if (caller === undefined) throw fail('authentication_required');
    return { reply: userAnswer(caller.user) };
  },
};

async function refresh({ cookies, now }: Sent<typeof authenticate>): Promise<Auth> {
  const claims = await readRefreshToken(readCookie(cookies), now);
  return {
    rules: { who: 'public', limit: 'refresh' },
    ...ofSession(claims),
    decide: async (known, facts) => {
      const outcome = await refreshSession(claims, known, facts);
      if ('refuse' in outcome) return { ...outcome, cookies: [clearedCookie] };
      const { tokens, ...effects } = outcome;
      return { ...answer(tokens, now), ...effects };
    },
  };
}

async function logOut({ cookies, now }: Sent<typeof authenticate>): Promise<Auth> {
  const claims = await readRefreshToken(readCookie(cookies), now);
  return {
    rules: { who: 'public', limit: 'refresh' },
    ...ofSession(claims),
    decide: (_known, facts) => ({
      reply: { message: 'The session has ended.' },
      cookies: [clearedCookie],
      ...signOut(claims, facts),
    }),
  };
}

function answer(tokens: IssuedTokens | undefined, now: number) {
  const reply = {
    access_token: tokens?.accessToken ?? null,
    token_type: 'bearer' as const,
    expires_in: tokens?.expiresIn ?? null,
    mfa_required: tokens === undefined,
    session_expires_at: tokens === undefined ? null : new Date(tokens.sessionExpiresAt).toISOString(),
  };
  return tokens === undefined ? { reply } : { reply, cookies: [refreshCookie(tokens, now)] };
}
