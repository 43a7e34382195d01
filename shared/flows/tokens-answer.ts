import type * as z from 'zod/mini';
import type { tokens } from '../api/token.ts';
import type { IssuedTokens } from './issue-tokens.ts';

/** The body of a token answer; without tokens it says that an MFA code is needed. */
export function tokensAnswer(issued: IssuedTokens | undefined): z.input<typeof tokens> {
  return {
    access_token: issued?.accessToken ?? null,
    refresh_token: issued?.refreshToken ?? null,
    token_type: 'bearer',
    expires_in: issued?.expiresIn ?? null,
    mfa_required: issued === undefined,
  };
}
