import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { email as emailSchema } from '../../shared/api/fields.ts';
import { hashPassword } from '../../shared/crypto/password-hash.ts';
import * as administrators from '../../shared/data/administrators.ts';
import * as credentials from '../../shared/data/credentials.ts';
import * as events from '../../shared/data/events.ts';
import type { Write } from '../../shared/data/expression.ts';
import * as logins from '../../shared/data/logins.ts';
import { pause, type Table } from '../../shared/data/table.ts';
import * as users from '../../shared/data/users.ts';
import { canonicalUsername, isUsername, newEventId, userIdOf } from '../../shared/domain/ids.ts';
import { events as eventPolicy } from '../../shared/domain/policy.ts';
import { makeTemporaryPassword } from '../../shared/domain/temporary-password.ts';
import { newUserWrites } from '../../shared/flows/new-user.ts';
import { rosterWrites } from '../../shared/flows/roster-writes.ts';
import { loadFacts } from '../../shared/http/facts.ts';

/** Where and when an operator acts: on a table that the operator's own credentials open. */
export interface Operator {
  readonly table: Table;
  readonly eventDays?: number;
  readonly now?: () => number;
}

/** What the operator must be told, in a sentence; nothing was changed. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
}

/** What a command would write, decided on the user as it is; asked again when that has changed meanwhile. */
type Decision = (user: users.User | undefined, now: number) => Promise<Decided> | Decided;

interface Decided {
  readonly writes: readonly Write[];
  readonly action: events.Action;
  readonly details: Record<string, unknown>;
}

const deadlineMs = 20_000;

/** Makes an administrator with a random password, which is told this once. */
export async function createAdministrator(
  operator: Operator,
  { username, email, mustChangePassword }: { username: string; email: string; mustChangePassword: boolean },
): Promise<{ username: string; password: string }> {
  if (!isUsername(username)) throw new CommandRefused(`“${username}” cannot be a username.`);
  if (!z.safeParse(emailSchema, email).success) throw new CommandRefused(`“${email}” is not an e-mail address.`);
  const password = makeTemporaryPassword(username);
  const hash = await hashPassword(password);
  await commit(operator, username, (existing, now) => {
    if (existing !== undefined) throw new CommandRefused(`There is a user “${username}” already: use grant.`);
    const begun = users.begin({ id: idOf(username), username, email, created_at: now });
    const duty = mustChangePassword ? ({ must_change_password: true, temporary_password: 'unused' } as const) : {};
    const user = { ...begun, is_admin: true, ...duty };
    return {
      writes: [...newUserWrites(user, hash), administrators.enlist(user.id)],
      action: 'user_create',
      details: { is_admin: true },
    };
  });
  return { username, password };
}

/** Makes a user an administrator, or an administrator a user like others; the last active one stays. */
export async function setAdministrator(operator: Operator, username: string, isAdmin: boolean): Promise<void> {
  await commit(operator, username, (user) => {
    const known = requireUser(user, username);
    const { is_active, is_admin } = known;
    return {
      writes: [
        users.change(known.id, { is_admin: isAdmin }, { is_active, is_admin }),
        ...rosterWrites(known, { ...known, is_admin: isAdmin }),
      ],
      action: 'user_update',
      details: { is_admin: isAdmin },
    };
  });
}

/** Ends a lock after failed log-ins. */
export async function unlockUser(operator: Operator, username: string): Promise<void> {
  await commit(operator, username, (user, now) => ({
    writes: [logins.unlock(requireUser(user, username).id, now)],
    action: 'user_unlock',
    details: {},
  }));
}

/** Sets a temporary password, told this once, and ends the user's sessions. */
export async function resetPassword(operator: Operator, username: string): Promise<{ password: string }> {
  const password = makeTemporaryPassword(username);
  const hash = await hashPassword(password);
  await commit(operator, username, (user, now) => {
    const known = requireUser(user, username);
    return {
      writes: [
        credentials.reset(known.id, hash, now),
        users.changeAndEndSessions(known, { must_change_password: true, temporary_password: 'unused' }),
      ],
      action: 'password_reset',
      details: {},
    };
  });
  return { password };
}

async function commit(operator: Operator, username: string, decide: Decision): Promise<void> {
  const { table, now = Date.now } = operator;
  const deadline = AbortSignal.timeout(deadlineMs);
  const ref = users.ref(idOf(username));
  for (let attempt = 1; ; attempt++) {
    const at = now();
    const user = (await loadFacts(table, [ref], deadline)).get(ref);
    const decided = await decide(user, at);
    const writes = [...decided.writes, recordOf(operator, user?.username ?? username, decided, at)];
    const outcome = await table.commit(writes, randomUUID(), deadline);
    if (outcome === 'committed') return;
    if (typeof outcome === 'object')
      throw new CommandRefused(refusals[outcome.problem] ?? `Refused: ${outcome.problem}.`);
    await pause(attempt, deadline);
  }
}

const refusals: Readonly<Record<string, string>> = {
  username_taken: 'There is a user of this name already: use grant.',
  email_taken: 'Another user has this e-mail address.',
  last_administrator: 'This is the last active administrator: make another one first.',
};

function recordOf(operator: Operator, username: string, { action, details }: Decided, at: number): Write {
  const userId = idOf(username);
  return events.record(
    userId,
    {
      id: newEventId(),
      user_id: userId,
      username,
      action,
      resource: 'user',
      resource_id: userId,
      status: 'success',
      ip_address: 'command line',
      at,
      request_id: randomUUID(),
      details: { ...details, by: 'operator' },
    },
    operator.eventDays ?? eventPolicy.daysDefault,
  );
}

function requireUser(user: users.User | undefined, username: string): users.User {
  if (user === undefined) throw new CommandRefused(`There is no user “${username}”.`);
  return user;
}

function idOf(username: string): string {
  return userIdOf(canonicalUsername(username));
}
