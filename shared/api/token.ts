import * as z from 'zod/mini';
import { docs, instant, message } from './fields.ts';
import { route } from './route.ts';
import { credentials, registration, user } from './users.ts';

/** A pair of tokens, or the word that an MFA code is needed. */
export const tokens = z
  .object({
    access_token: z.nullable(z.string()),
    refresh_token: z.nullable(z.string()),
    token_type: z.literal('bearer'),
    expires_in: z.nullable(z.int()).register(docs, { description: 'Seconds that the access token lives' }),
    mfa_required: z.boolean(),
  })
  .register(docs, { id: 'TokenResponse' });

const refreshToken = z.string().check(z.minLength(1), z.maxLength(4096));

export const createToken = route({
  operation: 'token/create-token',
  method: 'POST',
  path: '/token',
  summary: 'Log in',
  description: 'Also takes the OAuth2 password grant as application/x-www-form-urlencoded.',
  who: 'public',
  limit: 'login',
  body: z.extend(credentials, {
    // RFC 6749 §4.3.2: what OAuth2 clients send beside name and password.
    grant_type: z.optional(z.literal('password')),
    scope: z.optional(z.string().check(z.maxLength(0))),
    client_id: z.optional(z.string().check(z.maxLength(200))),
    client_secret: z.optional(z.string().check(z.maxLength(200))),
  }),
  form: true,
  reply: { status: 200, description: 'Tokens, or mfa_required with null tokens', schema: tokens },
  problems: ['invalid_credentials', 'account_locked'],
});

export const refreshTokens = route({
  operation: 'token/refresh-token',
  method: 'POST',
  path: '/token/refresh',
  summary: 'Exchange a refresh token for its successor and a new access token',
  who: 'public',
  limit: 'refresh',
  body: z.strictObject({ refresh_token: refreshToken, grant_type: z.optional(z.literal('refresh_token')) }),
  form: true,
  reply: { status: 200, description: 'Tokens', schema: tokens },
  problems: ['invalid_refresh_token'],
});

export const revokeToken = route({
  operation: 'token/revoke-token',
  method: 'POST',
  path: '/token/revoke',
  summary: 'Log out: end the session of a refresh or access token (RFC 7009)',
  description: 'A token that is not valid any more is answered the same way.',
  who: 'public',
  limit: 'refresh',
  body: z.strictObject({
    token: refreshToken,
    token_type_hint: z.optional(z.enum(['refresh_token', 'access_token'])),
  }),
  form: true,
  reply: { status: 200, description: 'Logged out', schema: message },
  problems: [],
});

/** The answer of the console's `/auth`: as `tokens`, but the refresh token travels in the cookie alone. */
export const cookieTokens = z.object({
  access_token: z.nullable(z.string()),
  token_type: z.literal('bearer'),
  expires_in: z.nullable(z.int()),
  mfa_required: z.boolean(),
  session_expires_at: z.nullable(instant),
});

export const authenticate = route({
  operation: 'auth/authenticate',
  method: 'POST',
  path: '/auth',
  summary: 'The console’s cookie session: login, signup, getUser, refresh, logout',
  description: 'The refresh token is in a __Host- cookie (HttpOnly, Secure, SameSite=Strict) and never in a body.',
  who: 'public',
  limit: 'login',
  body: z.discriminatedUnion('action', [
    z.extend(credentials, { action: z.literal('login') }),
    z.extend(registration, { action: z.literal('signup') }),
    z.strictObject({ action: z.literal('getUser') }),
    z.strictObject({ action: z.literal('refresh') }),
    z.strictObject({ action: z.literal('logout') }),
  ]),
  reply: {
    status: 200,
    description: 'login, refresh: tokens; signup, getUser: the user; logout: a message',
    schema: z.union([cookieTokens, user, message]),
  },
  problems: [
    'authentication_required',
    'user_token_required',
    'invalid_credentials',
    'account_locked',
    'invalid_refresh_token',
    'username_taken',
    'email_taken',
    'registration_closed',
    'cross_origin_refused',
  ],
});
