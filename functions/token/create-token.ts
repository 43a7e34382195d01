import { createToken } from '../../shared/api/token.ts';
import { refuseLockedSignIn, signIn, signInGuard, signInRefs } from '../../shared/flows/sign-in.ts';
import { tokensAnswer } from '../../shared/flows/tokens-answer.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** POST /token: log in, as JSON or as OAuth2's password grant (SPEC §6.2). */
export const handler = endpoint(createToken, {
  guards: ({ body }) => signInGuard(body),
  load: ({ body }) => signInRefs(body),
  gate: ({ body, now }, facts) => refuseLockedSignIn(body, now, facts),
  spendsFirst: true,
  decide: async (known, facts) => {
    const outcome = await signIn(known.body, known, facts);
    if ('refuse' in outcome) return outcome;
    const { tokens, ...effects } = outcome;
    return { reply: tokensAnswer(tokens), ...effects };
  },
});
