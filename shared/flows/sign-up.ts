import type * as z from 'zod/mini';
import { type FieldError, fail } from '../api/problems.ts';
import type { registration } from '../api/users.ts';
import { hashPassword } from '../crypto/password-hash.ts';
import * as claims from '../data/claims.ts';
import * as users from '../data/users.ts';
import { canonicalEmail, canonicalUsername, isUsername, userIdOf } from '../domain/ids.ts';
import { passwordProblems } from '../domain/password.ts';
import type { Facts, Ref } from '../http/facts.ts';
import type { Effects } from '../http/outcome.ts';
import { config } from '../http/runtime.ts';
import type { Once } from './check-mfa.ts';
import { newUserWrites } from './new-user.ts';

/** What a new account is made of. */
export type Registration = z.output<typeof registration>;

/** Refuses what no account can be made of, before it costs a try. */
export function refuseUnfit({ username, password }: Registration): void {
  if (config.registration === 'closed') throw fail('registration_closed');
  const errors: FieldError[] = [
    ...(isUsername(username) ? [] : [{ path: 'username', message: 'Not a username in every spelling of it.' }]),
    ...passwordProblems(password, username).map((message) => ({ path: 'password', message })),
  ];
  if (errors.length > 0) throw fail('invalid_request', { errors });
}

/** What is read for a registration: whether name and address are taken is known before a password is hashed. */
export function signUpRefs({ username, email }: Registration): Ref[] {
  return [users.ref(userIdOf(canonicalUsername(username))), claims.emailRef(canonicalEmail(email))];
}

/** Makes an account, whole or not at all: of twenty who want one name, one gets it. */
export async function signUp(
  registration: Registration,
  { now, once }: { readonly now: number; readonly once: Once },
  facts: Facts,
): Promise<Effects & { readonly user: users.User }> {
  const { username, email, password, department, job_title } = registration;
  refuseTaken(registration, facts);
  const id = userIdOf(canonicalUsername(username));
  const user = users.begin({ id, username, email, department, job_title, created_at: now });
  const passwordHash = await once('hash', () => hashPassword(password));
  return {
    user,
    writes: newUserWrites(user, passwordHash),
    events: [
      {
        action: 'user_create',
        resource: 'user',
        resourceId: id,
        status: 'success',
        about: { partition: id, userId: id, username },
      },
    ],
  };
}

function refuseTaken({ username, email }: Registration, facts: Facts): void {
  if (facts.get(users.ref(userIdOf(canonicalUsername(username)))) !== undefined) throw fail('username_taken');
  if (facts.get(claims.emailRef(canonicalEmail(email))) !== undefined) throw fail('email_taken');
}
