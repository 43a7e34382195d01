import { parseArgs } from 'node:util';

/** The parts of the bench, in the order that they run: what is measured in time comes first, before anything else runs. */
export const parts = ['import', 'bundles', 'cpu', 'endpoints', 'counts', 'load', 'cost'] as const;

export type Part = (typeof parts)[number];

/** How `npm run bench` was asked to measure. */
export interface BenchOptions {
  readonly parts: ReadonlySet<Part>;
  /** Whether what is over its budget ends in failure. */
  readonly check: boolean;
  /** Seconds of load for each combination. */
  readonly seconds: number;
  /** Statistics are also read over a hundred thousand events. */
  readonly full: boolean;
}

/** The way to call `npm run bench`. */
export const usage = `npm run bench -- [--check] [--load] [--full] [--only ${parts.join(',')}] [--seconds 3]`;

// The cost of a request is made of what these found.
const costNeeds: readonly Part[] = ['endpoints', 'counts'];

/** Reads flags. What cannot be read throws a sentence. */
export function readBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = readFlags(args);
  const chosen = new Set<Part>(
    values.only === undefined ? parts.filter((part) => part !== 'load') : readParts(values.only),
  );
  if (values.load) chosen.add('load');
  if (chosen.has('cost')) for (const part of costNeeds) chosen.add(part);
  const seconds = Number(values.seconds);
  if (!(seconds >= 1 && seconds <= 60)) throw new Error(`--seconds ${values.seconds} is not between 1 and 60.`);
  return { parts: chosen, check: values.check, seconds, full: values.full };
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        check: { type: 'boolean', default: false },
        load: { type: 'boolean', default: false },
        full: { type: 'boolean', default: false },
        only: { type: 'string' },
        seconds: { type: 'string', default: '3' },
      },
    });
  } catch (cause) {
    throw new Error(`${cause instanceof Error ? cause.message : cause}\nUse it as: ${usage}`, { cause });
  }
}

function readParts(text: string): Part[] {
  return text.split(',').map((name) => {
    const part = parts.find((known) => known === name);
    if (part === undefined) throw new Error(`There is no part ${name}: there are ${parts.join(', ')}.`);
    return part;
  });
}
