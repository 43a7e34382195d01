import { hash } from 'bcryptjs';
import { keyOf } from '../../../shared/data/table-map.ts';
import type { ConnectedProduct, TestUser } from '../testing.ts';
import { storedItems } from './stored-items.ts';

const leastCost = 4;

/** Stores somebody's password as its hash of the least cost: for tests that prove it many times. */
export async function hashQuickly<User extends TestUser>(product: ConnectedProduct, user: User): Promise<User> {
  const key = keyOf('CREDENTIAL', user.user.id, 'PASSWORD');
  await storedItems(product).change(key, { password_hash: await hash(user.password, leastCost) });
  return user;
}
