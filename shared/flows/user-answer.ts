import type * as z from 'zod/mini';
import type { userForAdmin, user as userSchema } from '../api/users.ts';
import * as logins from '../data/logins.ts';
import type { User } from '../data/users.ts';

/** A user as users see themselves. */
export function userAnswer(user: User): z.input<typeof userSchema> {
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    is_active: user.is_active,
    is_admin: user.is_admin,
    mfa_enabled: user.mfa_enabled,
    last_login: instantOf(user.last_login_at),
    department: user.department ?? null,
    job_title: user.job_title ?? null,
    access_level: user.access_level,
    session_timeout: user.session_timeout,
    must_change_password: user.must_change_password,
    created_at: new Date(user.created_at).toISOString(),
  };
}

/** A user as administrators see them. */
export function adminUserAnswer(
  user: User,
  guard: logins.LoginGuard | undefined,
  now: number,
): z.input<typeof userForAdmin> {
  return {
    ...userAnswer(user),
    failed_login_attempts: logins.failuresOf(guard, now),
    account_locked_until: instantOf(logins.lockedUntil(guard, now)),
  };
}

function instantOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
