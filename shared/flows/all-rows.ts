import type { RangeRef } from '../data/table.ts';
import type { Facts } from '../http/facts.ts';

/** All rows of a range that was asked for: DynamoDB ends a page at 1 MB, which many sessions or long names reach before the last row. */
export async function allRows<T>(facts: Facts, range: RangeRef<T>): Promise<T[]> {
  const { rows, next } = facts.page(range);
  if (next === undefined) return rows;
  const rest = { ...range, after: next };
  return [...rows, ...(await allRows(await facts.more([rest]), rest))];
}
