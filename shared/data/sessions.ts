import * as z from 'zod/mini';
import { session as policy } from '../domain/policy.ts';
import { absent, all, exists, put, remove, unchanged, update, type Write } from './expression.ts';
import { type LimitSpending, spend } from './meters.ts';
import type { ItemRef, RangeRef } from './table.ts';
import { type Key, keyOf, partitionOf } from './table-map.ts';
import type { User } from './users.ts';

const schema = z.object({
  /** The digest of the session's id: the table holds no id that a token could be made for. */
  handle: z.string(),
  /** The user's when it began, or was kept while the others ended. */
  generation: z.number(),
  created_at: z.number(),
  last_seen_at: z.number(),
  expires_at: z.number(),
  /** When password (and code) were last proven. */
  proven_at: z.number(),
  ip_address: z.string(),
  user_agent: z.optional(z.string()),
  /** Digest of the refresh token that is valid now, and of the one it replaced. */
  refresh_digest: z.string(),
  previous_digest: z.optional(z.string()),
  rotated_at: z.optional(z.number()),
  /** From it and the predecessor follows the successor: a lost answer is given again, the table alone yields nothing. */
  rotation_salt: z.optional(z.string()),
  limit_refresh_at: z.optional(z.number()),
  limit_refresh_used: z.optional(z.number()),
});

/** A session: as long as the item lives, its tokens do. */
export type Session = z.infer<typeof schema>;

function key(userId: string, handle: string): Key {
  return keyOf('SESSION', userId, handle);
}

/** Where a user's session is. */
export function ref(userId: string, handle: string): ItemRef<Session> {
  return { key: key(userId, handle), schema };
}

/** A user's sessions, live or not: a reader asks `isAlive` of each. */
export function range(userId: string): RangeRef<Session> {
  return { partition: partitionOf('SESSION', userId), schema };
}

/** Whether a session of this user still counts at `now`: in its time, used lately, and not ended with the others. */
export function isAlive(
  session: Session,
  user: Pick<User, 'session_timeout' | 'session_generation'>,
  now: number,
): boolean {
  const idleEnd = session.last_seen_at + user.session_timeout * 60_000;
  return session.generation === user.session_generation && now < session.expires_at && now < idleEnd;
}

/** Whether password and code were proven so lately that factors may be changed. */
export function isFresh(session: Session, now: number): boolean {
  return now < session.proven_at + policy.freshSeconds * 1000;
}

/** Writes a new session. */
export function create(userId: string, session: Session): Write {
  return put(key(userId, session.handle), { ...session, ttl: Math.ceil(session.expires_at / 1000) }, absent);
}

/** Whether the last use is so long ago that it is written again. */
export function touchIsDue(session: Session, now: number): boolean {
  return now >= session.last_seen_at + policy.touchSeconds * 1000;
}

/** Notes that a session was used; one that has ended meanwhile stays ended. */
export function touch(userId: string, session: Session, now: number): Write {
  return update(key(userId, session.handle), { set: { last_seen_at: now } }, exists, 'authentication_required');
}

/** Notes that password and code were proven again. */
export function prove(userId: string, session: Session, now: number): Write {
  return update(
    key(userId, session.handle),
    { set: { proven_at: now, last_seen_at: now } },
    exists,
    'authentication_required',
  );
}

/** Replaces the refresh token that was presented; of any number of callers one does, the others see its work. */
export function rotate(
  userId: string,
  session: Session,
  next: { readonly refreshDigest: string; readonly rotationSalt: string },
  spending: LimitSpending,
  now: number,
): Write {
  const nobodyRotatedBetween = unchanged('refresh_digest', session.refresh_digest);
  const spent = spend(spending);
  return update(
    key(userId, session.handle),
    {
      set: {
        refresh_digest: next.refreshDigest,
        previous_digest: session.refresh_digest,
        rotation_salt: next.rotationSalt,
        rotated_at: now,
        last_seen_at: now,
        ...spent.set,
      },
      add: spent.add,
    },
    all(exists, nobodyRotatedBetween, spent.when),
  );
}

/** Spends one refresh where the token is not replaced again: its successor, still the valid one, is only answered once more. */
export function answerSuccessorAgain(userId: string, session: Session, spending: LimitSpending): Write {
  const stillTheSuccessor = unchanged('refresh_digest', session.refresh_digest);
  const { set, add, when } = spend(spending);
  return update(key(userId, session.handle), { set, add }, all(exists, stillTheSuccessor, when));
}

/** Moves a session to its user's new generation, so that it alone survives the end of all. */
export function follow(userId: string, session: Session, generation: number, now: number): Write {
  return update(
    key(userId, session.handle),
    { set: { generation, last_seen_at: now } },
    exists,
    'authentication_required',
  );
}

/** Ends a session. */
export function end(userId: string, handle: string): Write {
  return remove(key(userId, handle), exists);
}
