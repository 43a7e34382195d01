import * as administrators from '../data/administrators.ts';
import type { Write } from '../data/expression.ts';
import type { User } from '../data/users.ts';

/** Keeps the roster of active administrators in step with a change of a user; the last one on it stays. */
export function rosterWrites(before: User, after: User): Write[] {
  if (counts(before) === counts(after)) return [];
  return [counts(after) ? administrators.enlist(after.id) : administrators.dismiss(after.id)];
}

function counts(user: User): boolean {
  return user.is_active && user.is_admin;
}
