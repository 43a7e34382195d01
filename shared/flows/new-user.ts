import * as claims from '../data/claims.ts';
import * as credentials from '../data/credentials.ts';
import type { Write } from '../data/expression.ts';
import * as meters from '../data/meters.ts';
import * as users from '../data/users.ts';
import { canonicalEmail, canonicalUsername } from '../domain/ids.ts';

/** All that makes a user, for one transaction: there is no claim without a user and no user without a password. */
export function newUserWrites(user: users.User, passwordHash: string): Write[] {
  return [
    // First, so that where name and address are both taken it is the name that is told.
    users.create(user),
    claims.claimUsername(canonicalUsername(user.username), user.id),
    claims.claimEmail(canonicalEmail(user.email), user.id),
    credentials.create(user.id, { password_hash: passwordHash, changed_at: user.created_at }),
    meters.create(user.id),
  ];
}
