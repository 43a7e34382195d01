import { contracts } from '../shared/api/index.ts';
import { limits } from '../shared/domain/policy.ts';
import { describeGrants, grantsFor, needs, needsOf } from './needs.ts';

/** A line of `npm run routes`: where an endpoint is, who may call it how often, and what its function may touch. */
export interface RouteRow {
  readonly route: string;
  readonly file: string;
  readonly who: string;
  readonly limit: string;
  readonly grants: string;
}

/** Every function of the service: the routes in the order of the API, then those that no route leads to. */
export function listRoutes(): RouteRow[] {
  const operations = new Set(contracts.map(({ operation }) => operation));
  const routed = contracts.map((contract): RouteRow => {
    const limit = contract.limit && limits[contract.limit];
    return {
      route: `${contract.method} ${contract.path}`,
      file: `functions/${contract.operation}.ts`,
      who: [
        contract.who,
        ...(contract.scope ? [`key ${contract.scope}`] : []),
        ...(contract.fresh ? ['fresh'] : []),
      ].join(', '),
      limit: limit ? `${contract.limit} ${limit.max}/${limit.windowSeconds}s per ${limit.per}` : '–',
      grants: describeGrants(grantsFor(contract, needsOf(contract.operation))),
    };
  });
  const others = Object.entries(needs).filter(([operation]) => !operations.has(operation));
  const unrouted = others.map(
    ([operation, row]): RouteRow => ({
      route: '–',
      file: `functions/${operation}.ts`,
      who: '–',
      limit: '–',
      grants: describeGrants(grantsFor(undefined, row)),
    }),
  );
  return [...routed, ...unrouted];
}

function printTable(rows: readonly RouteRow[]): void {
  const columns = ['route', 'file', 'who', 'limit'] as const;
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[]) => cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ');
  console.log(line([...columns, 'grants']));
  for (const row of rows) console.log(line([...columns.map((column) => row[column]), row.grants]));
}

if (import.meta.main) printTable(listRoutes());
