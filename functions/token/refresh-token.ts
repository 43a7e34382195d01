import { refreshTokens } from '../../shared/api/token.ts';
import { ofSession, readRefreshToken, refreshSession } from '../../shared/flows/refresh-session.ts';
import { tokensAnswer } from '../../shared/flows/tokens-answer.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** POST /token/refresh: a refresh token for its successor and a new access token (SPEC §6.3). */
export const handler = endpoint(refreshTokens, async ({ body, now }) => {
  const claims = await readRefreshToken(body.refresh_token, now);
  return {
    ...ofSession(claims),
    decide: async (known, facts) => {
      const outcome = await refreshSession(claims, known, facts);
      if ('refuse' in outcome) return outcome;
      const { tokens, ...effects } = outcome;
      return { reply: tokensAnswer(tokens), ...effects };
    },
  };
});
