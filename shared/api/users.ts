import * as z from 'zod/mini';
import { account, session } from '../domain/policy.ts';
import {
  claimedPassword,
  claimedUsername,
  cursor,
  docs,
  email,
  instant,
  message,
  mfaCode,
  newPassword,
  pageLimit,
  password,
  recoveryCode,
  search,
  shortText,
  userId,
  username,
} from './fields.ts';
import { route } from './route.ts';

export const accessLevel = z.int().check(z.minimum(account.accessLevel.min), z.maximum(account.accessLevel.max));
export const sessionTimeout = z
  .int()
  .check(z.minimum(session.idleMinutes.min), z.maximum(session.idleMinutes.max))
  .register(docs, { description: 'Minutes without a request after which a session ends' });

/** A user as users see themselves: never a hash, never a secret. */
export const user = z
  .object({
    id: userId,
    username: z.string(),
    email: z.string(),
    is_active: z.boolean(),
    is_admin: z.boolean(),
    mfa_enabled: z.boolean(),
    last_login: z.nullable(instant),
    department: z.nullable(z.string()),
    job_title: z.nullable(z.string()),
    access_level: accessLevel,
    session_timeout: sessionTimeout,
    must_change_password: z.boolean(),
    created_at: instant,
  })
  .register(docs, { id: 'UserResponse' });

/** A user as administrators see them. */
export const userForAdmin = z
  .extend(user, { failed_login_attempts: z.int().check(z.minimum(0)), account_locked_until: z.nullable(instant) })
  .register(docs, { id: 'AdminUserResponse' });

export const registration = z.strictObject({
  username,
  email,
  password: newPassword,
  department: z.optional(shortText),
  job_title: z.optional(shortText),
});

export const registerUser = route({
  operation: 'users/register-user',
  method: 'POST',
  path: '/users',
  summary: 'Create an account',
  who: 'public',
  limit: 'register',
  body: registration,
  reply: { status: 201, description: 'The new user', schema: user },
  problems: ['username_taken', 'email_taken', 'registration_closed'],
  idempotency: 'kept',
});

export const listUsers = route({
  operation: 'users/list-users',
  method: 'GET',
  path: '/users',
  summary: 'List users, newest first; or search by the beginning of username or e-mail',
  who: 'admin',
  query: z.strictObject({ limit: pageLimit, cursor, search }),
  reply: { status: 200, description: 'Users', schema: z.array(userForAdmin) },
  problems: ['malformed_cursor'],
});

export const readMe = route({
  operation: 'users/read-me',
  method: 'GET',
  path: '/users/me',
  summary: 'The current user',
  who: 'user',
  duringPasswordChange: true,
  reply: { status: 200, description: 'The user', schema: user },
  problems: [],
});

export const changeMe = route({
  operation: 'users/change-me',
  method: 'PATCH',
  path: '/users/me',
  summary: 'Change one’s profile',
  who: 'user',
  limit: 'profile',
  body: z.strictObject({
    department: z.optional(z.nullable(shortText)),
    job_title: z.optional(z.nullable(shortText)),
    email: z.optional(email),
  }),
  reply: { status: 200, description: 'The user', schema: user },
  problems: ['email_taken'],
});

export const changePassword = route({
  operation: 'users/change-password',
  method: 'POST',
  path: '/users/me/change-password',
  summary: 'Change one’s password; ends the other sessions',
  who: 'user',
  duringPasswordChange: true,
  limit: 'password_change',
  body: z.strictObject({ current_password: password, new_password: newPassword }),
  reply: { status: 200, description: 'Changed', schema: message },
  problems: ['wrong_password', 'account_locked'],
  idempotency: 'kept',
});

export const stepUp = route({
  operation: 'users/step-up',
  method: 'POST',
  path: '/users/me/step-up',
  summary: 'Prove password, and MFA code if enabled: this session counts as fresh for five minutes',
  who: 'user',
  limit: 'login',
  body: z.strictObject({
    password: claimedPassword,
    mfa_code: z.optional(mfaCode),
    recovery_code: z.optional(recoveryCode),
  }),
  reply: {
    status: 200,
    description: 'Fresh until, or an MFA code is needed',
    schema: z.object({ fresh_until: z.nullable(instant), mfa_required: z.boolean() }),
  },
  problems: ['wrong_password', 'account_locked'],
  idempotency: 'kept',
});

export const enableMfa = route({
  operation: 'users/enable-mfa',
  method: 'POST',
  path: '/users/me/mfa/enable',
  summary: 'Begin to set up MFA: a secret that is pending for ten minutes',
  who: 'user',
  fresh: true,
  limit: 'mfa',
  reply: {
    status: 200,
    description: 'The pending secret, this once',
    schema: z.object({ mfa_uri: z.string(), mfa_secret: z.string(), qr_svg: z.string(), expires_at: instant }),
  },
  problems: ['mfa_already_enabled'],
  idempotency: 'sealed-mfa',
});

export const recoveryCodes = z.array(z.string()).register(docs, { description: 'Each works once. Shown this once.' });

export const verifyMfa = route({
  operation: 'users/verify-mfa',
  method: 'POST',
  path: '/users/me/mfa/verify',
  summary: 'Activate the pending secret with a code of it; ends the other sessions',
  who: 'user',
  limit: 'mfa',
  body: z.strictObject({ mfa_code: mfaCode }),
  reply: {
    status: 200,
    description: 'MFA is on',
    schema: z.object({ message: z.string(), recovery_codes: recoveryCodes }),
  },
  problems: ['mfa_not_pending', 'mfa_already_enabled', 'invalid_mfa_code'],
  idempotency: 'sealed-mfa',
});

export const disableMfa = route({
  operation: 'users/disable-mfa',
  method: 'POST',
  path: '/users/me/mfa/disable',
  summary: 'Turn MFA off; ends the other sessions',
  who: 'user',
  fresh: true,
  limit: 'mfa',
  reply: { status: 200, description: 'MFA is off', schema: message },
  problems: ['mfa_not_enabled'],
  idempotency: 'kept',
});

export const createRecoveryCodes = route({
  operation: 'users/create-recovery-codes',
  method: 'POST',
  path: '/users/me/mfa/recovery-codes',
  summary: 'A new set of recovery codes; the old ones stop working',
  who: 'user',
  fresh: true,
  limit: 'recovery_codes',
  reply: { status: 201, description: 'The codes, this once', schema: z.object({ recovery_codes: recoveryCodes }) },
  problems: ['mfa_not_enabled'],
  idempotency: 'sealed-mfa',
});

export const countRecoveryCodes = route({
  operation: 'users/count-recovery-codes',
  method: 'GET',
  path: '/users/me/mfa/recovery-codes',
  summary: 'How many recovery codes are left',
  who: 'user',
  fresh: true,
  reply: { status: 200, description: 'How many', schema: z.object({ remaining: z.int().check(z.minimum(0)) }) },
  problems: ['mfa_not_enabled'],
});

export const sessionInfo = z
  .object({
    id: z.string(),
    current: z.boolean(),
    created_at: instant,
    last_seen_at: instant,
    expires_at: instant,
    ip_address: z.string(),
    user_agent: z.nullable(z.string()),
  })
  .register(docs, { id: 'SessionResponse' });

/** The public handle of a session: a digest of its id. */
export const sessionHandle = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_-]{43}$/, 'Not the id of a session'))
  .register(docs, { example: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg' });

export const listSessions = route({
  operation: 'users/list-sessions',
  method: 'GET',
  path: '/users/me/sessions',
  summary: 'One’s live sessions, the newest first',
  who: 'user',
  reply: { status: 200, description: 'Sessions', schema: z.array(sessionInfo) },
  problems: [],
});

export const endOtherSessions = route({
  operation: 'users/end-other-sessions',
  method: 'DELETE',
  path: '/users/me/sessions',
  summary: 'End every session but this one',
  who: 'user',
  limit: 'profile',
  reply: {
    status: 200,
    description: 'Ended',
    schema: z.object({ message: z.string(), ended: z.int().check(z.minimum(0)) }),
  },
  problems: [],
});

export const endSession = route({
  operation: 'users/end-session',
  method: 'DELETE',
  path: '/users/me/sessions/{session_id}',
  summary: 'End one session',
  who: 'user',
  limit: 'profile',
  params: z.object({ session_id: sessionHandle }),
  reply: { status: 200, description: 'Ended', schema: message },
  problems: ['session_not_found'],
});

const userInPath = z.object({ user_id: userId });

export const readUser = route({
  operation: 'users/read-user',
  method: 'GET',
  path: '/users/{user_id}',
  summary: 'One user',
  who: 'admin',
  params: userInPath,
  reply: { status: 200, description: 'The user', schema: userForAdmin },
  problems: ['user_not_found'],
});

export const changeUser = route({
  operation: 'users/change-user',
  method: 'PATCH',
  path: '/users/{user_id}',
  summary: 'Change a user. The last active administrator stays one',
  who: 'admin',
  params: userInPath,
  body: z.strictObject({
    is_active: z.optional(z.boolean()),
    is_admin: z.optional(z.boolean()),
    access_level: z.optional(accessLevel),
    session_timeout: z.optional(sessionTimeout),
    must_change_password: z.optional(z.boolean()),
    department: z.optional(z.nullable(shortText)),
    job_title: z.optional(z.nullable(shortText)),
  }),
  reply: { status: 200, description: 'The user', schema: userForAdmin },
  problems: ['user_not_found', 'last_administrator'],
});

export const unlockUser = route({
  operation: 'users/unlock-user',
  method: 'POST',
  path: '/users/{user_id}/unlock',
  summary: 'End a lock after failed log-ins',
  who: 'admin',
  params: userInPath,
  reply: { status: 200, description: 'Unlocked', schema: message },
  problems: ['user_not_found'],
  idempotency: 'kept',
});

export const resetPassword = route({
  operation: 'users/reset-password',
  method: 'POST',
  path: '/users/{user_id}/password-reset',
  summary: 'Set a temporary password, shown once; ends the user’s sessions',
  description: 'It is good for one log-in, and then for its own change.',
  who: 'admin',
  params: userInPath,
  reply: {
    status: 200,
    description: 'The temporary password, this once',
    schema: z.object({ temporary_password: z.string(), must_change_password: z.literal(true) }),
  },
  problems: ['user_not_found'],
  idempotency: 'sealed-mfa',
});

export const resetMfa = route({
  operation: 'users/reset-mfa',
  method: 'POST',
  path: '/users/{user_id}/mfa-reset',
  summary: 'Turn a user’s MFA off; ends the user’s sessions',
  who: 'admin',
  params: userInPath,
  reply: { status: 200, description: 'MFA is off', schema: message },
  problems: ['user_not_found', 'mfa_not_enabled'],
  idempotency: 'kept',
});

export const endUserSessions = route({
  operation: 'users/end-user-sessions',
  method: 'DELETE',
  path: '/users/{user_id}/sessions',
  summary: 'End all sessions of a user',
  who: 'admin',
  params: userInPath,
  reply: {
    status: 200,
    description: 'Ended',
    schema: z.object({ message: z.string(), ended: z.int().check(z.minimum(0)) }),
  },
  problems: ['user_not_found'],
});

/** What one sends to log in. */
export const credentials = z.strictObject({
  username: claimedUsername,
  password: claimedPassword,
  mfa_code: z.optional(mfaCode),
  recovery_code: z.optional(recoveryCode),
});
