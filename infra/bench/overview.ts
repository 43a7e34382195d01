import type { CpuTime } from './cpu.ts';
import type { MeasuredEndpoint } from './endpoints.ts';
import { formatTable } from './format-table.ts';
import type { ImportTime } from './import-time.ts';
import type { Section } from './section.ts';

/** What the parts of the bench found, each of its own kind. */
export interface Findings {
  readonly endpoints: readonly MeasuredEndpoint[];
  readonly sizes: readonly { readonly operation: string; readonly bytes: number }[];
  readonly imports: readonly ImportTime[];
  readonly cpu: readonly CpuTime[];
}

/** All that a warm request of each endpoint takes and all that its function weighs, one row for each scenario. Of what was not measured there is nothing. */
export function overviewOf({ endpoints, sizes, imports, cpu }: Findings): Section {
  const rows = endpoints.map(({ operation, variant, warm }) => {
    const of = <Found extends { readonly operation: string }>(found: readonly Found[]) =>
      found.find((one) => one.operation === operation);
    const [size, imported, request] = [of(sizes), of(imports), of(cpu)];
    return {
      endpoint: variant === '' ? operation : `${operation}  ${variant}`,
      trips: warm.roundTrips,
      readUnits: warm.readUnits,
      writeUnits: warm.writeUnits,
      kms: warm.kms,
      kilobytes: size && size.bytes / 1000,
      importMs: imported?.cpuMs.median,
      importRatio: imported?.cpuRatio.median,
      cpuMs: request?.cpuMs.median,
      cpuRatio: request?.ratio,
    };
  });
  const digits = (value: number | undefined, count: number) => value?.toFixed(count) ?? '';
  return {
    title: 'Each endpoint at a glance',
    texts: [
      formatTable(
        ['endpoint', 'trips', 'read units', 'write units', 'KMS', 'kB', 'import ms', '× bare', 'CPU ms', '× bare'],
        rows.map((row) => [
          row.endpoint,
          row.trips,
          row.readUnits,
          row.writeUnits,
          row.kms,
          digits(row.kilobytes, 1),
          digits(row.importMs, 0),
          digits(row.importRatio, 2),
          digits(row.cpuMs, 2),
          digits(row.cpuRatio, 2),
        ]),
      ),
    ],
    data: { rows },
    faults: [],
  };
}
