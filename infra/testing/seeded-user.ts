import { randomBytes, randomUUID } from 'node:crypto';
import { hash } from 'bcryptjs';
import * as administrators from '../../shared/data/administrators.ts';
import * as users from '../../shared/data/users.ts';
import { canonicalUsername, userIdOf } from '../../shared/domain/ids.ts';
import { newUserWrites } from '../../shared/flows/new-user.ts';
import { operatorOf } from '../local/testing/operator-of.ts';
import type { Client, ConnectedProduct, TestUser } from '../local/testing.ts';

// As cheap as bcrypt goes: a registration and a log-in cost half a second of a core, and some tests need hundreds of people.
const cost = 4;

/**
 * Puts a user into the table, as a registration would, and logs them in over HTTP; with a password whose hash costs nothing to
 * compare. For tests that need many people and are not about how they came.
 */
export async function seedUser(product: ConnectedProduct, client: Client = product.newClient()): Promise<TestUser> {
  return seed(product, client, false);
}

/** Puts an administrator into the table, as the operator's command would make one, and logs them in. */
export async function seedAdministrator(
  product: ConnectedProduct,
  client: Client = product.newClient(),
): Promise<TestUser> {
  return seed(product, client, true);
}

async function seed(product: ConnectedProduct, client: Client, isAdmin: boolean): Promise<TestUser> {
  const username = `s${randomBytes(8).toString('hex')}`;
  const email = `${username}@example.com`;
  const password = `Aa1-${randomBytes(12).toString('hex')}`;
  const id = userIdOf(canonicalUsername(username));
  const begun = users.begin({ id, username, email, created_at: Date.now() });
  const writes = newUserWrites({ ...begun, is_admin: isAdmin }, await hash(password, cost));
  await commitAtLast(product, [...writes, ...(isAdmin ? [administrators.enlist(id)] : [])]);
  const session = await product.logIn(client, { username, password });
  const { body: user } = await client.get('/users/me', { token: session.token });
  return { client, username, email, password, ...session, user };
}

type Writes = Parameters<ReturnType<typeof operatorOf>['table']['commit']>[0];

// Whoever else is made an administrator at the same moment writes the same list of them.
async function commitAtLast(product: ConnectedProduct, writes: Writes): Promise<void> {
  const { table } = operatorOf(product);
  for (;;) {
    const outcome = await table.commit(writes, randomUUID(), AbortSignal.timeout(20_000));
    if (outcome === 'committed') return;
    if (typeof outcome === 'object') throw new Error(`A user cannot be made: ${outcome.problem}.`);
  }
}
