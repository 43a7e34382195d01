import { buildConsole, buildFunctions, built } from '../build.ts';
import { type Bundle, budgets, readMeta, weighBundles, weighConsole } from '../bundles.ts';
import { formatTable } from './format-table.ts';
import type { Section } from './section.ts';

const kilo = (bytes: number) => (bytes / 1000).toFixed(1);

/** What all bundles weigh. */
export interface SizeMeasures extends Section {
  readonly data: {
    readonly bundles: readonly Bundle[];
    readonly consoleFirstLoad: number | null;
    readonly budgets: typeof budgets;
  };
}

/** Weighs every function's bundle and the console’s first load; the budgets are those of `infra/bundles.ts`. */
export async function measureSizes(): Promise<SizeMeasures> {
  await buildFunctions();
  const bundles = weighBundles(await readMeta());
  const hasConsole = await buildConsole().catch(() => false);
  const firstLoad = hasConsole ? await weighConsole(built.console) : undefined;

  const rows = bundles.map(({ operation, bytes, budget, largest }) => [
    operation,
    kilo(bytes),
    kilo(budget),
    largest
      .slice(0, 3)
      .map(([name, size]) => `${name} ${kilo(size)}`)
      .join(', '),
  ]);
  const faults = bundles.flatMap(({ operation, faults }) => faults.map((fault) => `${operation} ${fault}.`));
  if (firstLoad === undefined) faults.push('The console cannot be weighed: it does not build.');
  else if (firstLoad > budgets.consoleFirstLoad) {
    faults.push(`The console’s first load is ${kilo(firstLoad - budgets.consoleFirstLoad)} kB over its budget.`);
  }
  return {
    title: 'Sizes',
    texts: [
      formatTable(['bundle', 'kB', 'budget', 'largest inside'], rows),
      `Console, first load: ${firstLoad === undefined ? 'not built' : `${kilo(firstLoad)} kB of gzipped JavaScript`}, budget ${kilo(budgets.consoleFirstLoad)} kB.`,
    ],
    data: { bundles, consoleFirstLoad: firstLoad ?? null, budgets },
    faults,
  };
}
