import { openTable } from '../../../shared/data/table.ts';
import { operatorEnvironment } from '../first-administrator.ts';
import type { ConnectedProduct } from '../testing.ts';

/** The operator of a product: its table, past the API. */
export function operatorOf({ info }: ConnectedProduct) {
  // The SDK takes endpoint and credentials from the environment alone.
  Object.assign(process.env, operatorEnvironment(info));
  return { table: openTable(info.table_name) };
}
