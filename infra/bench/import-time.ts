import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { buildFunctions, built } from '../build.ts';
import { buildBareHandler } from './bare-bundle.ts';
import { budgets } from './budgets.ts';
import { formatTable } from './format-table.ts';
import { functionEnvironment } from './function-environment.ts';
import type { Section } from './section.ts';
import { ratioOf, type Spread, spreadOf } from './spread.ts';

/** How long the bundle of an operation takes to import, and how many times the baseline's that is. */
export interface ImportTime {
  readonly operation: string;
  readonly cpuMs: Spread;
  readonly wallMs: Spread;
  readonly cpuRatio: Spread;
  readonly wallRatio: Spread;
}

/** How long all bundles take to import. */
export interface ImportMeasures extends Section {
  readonly data: {
    readonly baseline: { readonly bytes: number; readonly cpuMs: Spread };
    readonly budget: number;
    readonly bundles: readonly ImportTime[];
  };
}

const run = promisify(execFile);
const measured = z.object({ wallMs: z.number(), cpuMs: z.number() });
type Sample = z.output<typeof measured>;

// All are looked at; those that come out slowest are looked at more closely, since they decide.
const rounds = { all: 2, slowest: 11 } as const;
const slowestCount = 8;
// So many bundles share the run of the baseline before them.
const groupSize = 4;

/**
 * Imports every bundle in processes of their own, between runs of a bundle that holds only the DynamoDB document client. What counts
 * is CPU: a cold start is one process's work, and CPU stays the same while other programs keep the machine busy.
 */
export async function measureImports(): Promise<ImportMeasures> {
  const operations = await buildFunctions();
  const baseline = await buildBareHandler();
  const samples = new Map<string, Pair[]>();
  for (let round = 0; round < rounds.all; round++) await measureRound(operations, baseline.file, samples);
  const slowest = timesOf(samples)
    .slice(0, slowestCount)
    .map(({ operation }) => operation);
  for (let round = rounds.all; round < rounds.slowest; round++) await measureRound(slowest, baseline.file, samples);

  const times = timesOf(samples);
  const bare = spreadOf([...samples.values()].flat().map((pair) => pair.baseline.cpuMs));
  const rows = times.map(({ operation, cpuRatio, cpuMs, wallMs, wallRatio }) => [
    operation,
    cpuRatio.median.toFixed(2),
    `${cpuRatio.low.toFixed(2)}–${cpuRatio.high.toFixed(2)}`,
    cpuMs.median.toFixed(1),
    wallMs.median.toFixed(1),
    wallRatio.median.toFixed(2),
    cpuMs.runs,
  ]);
  return {
    title: 'Import of each bundle at a cold start',
    texts: [
      formatTable(['bundle', '× baseline', 'quarters', 'CPU ms', 'wall ms', '× wall', 'runs'], rows),
      `Baseline: the DynamoDB document client alone, ${(baseline.bytes / 1000).toFixed(0)} kB, ${bare.median.toFixed(1)} ms of CPU ` +
        `(quarters ${bare.low.toFixed(1)}–${bare.high.toFixed(1)}, ${bare.runs} runs). Budget: ${budgets.importRatio} × its CPU.`,
    ],
    data: { baseline: { bytes: baseline.bytes, cpuMs: bare }, budget: budgets.importRatio, bundles: times },
    faults: importFaults(times),
  };
}

/** Which imports take more than the budget allows. */
export function importFaults(times: readonly Pick<ImportTime, 'operation' | 'cpuRatio'>[]): string[] {
  return times
    .filter(({ cpuRatio }) => !(cpuRatio.median <= budgets.importRatio))
    .map(
      ({ operation, cpuRatio }) =>
        `${operation}: its import takes ${cpuRatio.median.toFixed(2)} × the baseline’s CPU, the budget is ${budgets.importRatio}.`,
    );
}

interface Pair {
  readonly bundle: Sample;
  readonly baseline: Sample;
}

async function measureRound(
  operations: readonly string[],
  baselineFile: string,
  samples: Map<string, Pair[]>,
): Promise<void> {
  let baseline: Sample | undefined;
  for (const [at, operation] of operations.entries()) {
    if (baseline === undefined || at % groupSize === 0) baseline = await importOnce(baselineFile);
    const bundle = await importOnce(join(built.functions, operation, 'index.mjs'));
    samples.set(operation, [...(samples.get(operation) ?? []), { bundle, baseline }]);
  }
}

async function importOnce(file: string): Promise<Sample> {
  const { stdout } = await run(
    process.execPath,
    [fileURLToPath(new URL('./import-once.mjs', import.meta.url)), pathToFileURL(file).href],
    { env: functionEnvironment() },
  );
  return measured.parse(JSON.parse(stdout));
}

/** The slowest first. */
function timesOf(samples: ReadonlyMap<string, readonly Pair[]>): ImportTime[] {
  return [...samples]
    .map(([operation, pairs]): ImportTime => {
      const of = (kind: keyof Sample) =>
        [pairs.map((pair) => pair.bundle[kind]), pairs.map((pair) => pair.baseline[kind])] as const;
      return {
        operation,
        cpuMs: spreadOf(of('cpuMs')[0]),
        wallMs: spreadOf(of('wallMs')[0]),
        cpuRatio: ratioOf(...of('cpuMs')),
        wallRatio: ratioOf(...of('wallMs')),
      };
    })
    .sort((a, b) => b.cpuRatio.median - a.cpuRatio.median);
}
