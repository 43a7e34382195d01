import { openTable } from '../../../shared/data/table.ts';
import { setAdministrator } from '../../operator/administration.ts';
import { operatorEnvironment } from '../first-administrator.ts';
import type { Client, ConnectedProduct, TestUser } from '../testing.ts';

/** Registers someone, logs them in, and makes them an administrator as the operator's command does. */
export async function newAdministrator(product: ConnectedProduct, client?: Client): Promise<TestUser> {
  const user = await product.newUser(client);
  await setAdministrator(operatorOf(product), user.username, true);
  return user;
}

/** The operator of a product: its table, past the API. */
export function operatorOf({ info }: ConnectedProduct) {
  // The SDK takes endpoint and credentials from the environment alone.
  Object.assign(process.env, operatorEnvironment(info));
  return { table: openTable(info.table_name) };
}
