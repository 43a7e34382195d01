import type { BenchOptions, Part } from './bench-options.ts';
import { openBenchProduct } from './bench-product.ts';
import { measureSizes } from './bundle-sizes.ts';
import { measureCost } from './cost.ts';
import { measureCounts } from './counts.ts';
import { measureCpu } from './cpu.ts';
import { measureEndpoints } from './endpoints.ts';
import { measureImports } from './import-time.ts';
import { measureLoad } from './load.ts';
import type { Section } from './section.ts';
import { createWorld, type World } from './world.ts';

/** A part with what it measured, or with why it could not. */
export interface Measured {
  readonly part: Part;
  readonly section: Section;
}

/** Measures the parts that were asked for, one after the other. */
export async function* measureAll({ parts, seconds, full }: BenchOptions): AsyncGenerator<Measured> {
  if (parts.has('import')) yield await measured('import', measureImports);
  if (parts.has('bundles')) yield await measured('bundles', measureSizes);
  if (!(['cpu', 'endpoints', 'counts', 'load'] as const).some((part) => parts.has(part))) return;

  const { product, stop } = await openBenchProduct();
  try {
    const world = await createWorld(product);
    if (parts.has('cpu')) yield await measured('cpu', () => measureCpu(world));
    yield* measureUnits(world, parts, full);
    if (parts.has('load')) yield await measured('load', () => measureLoad(world, { seconds }));
  } finally {
    await stop();
  }
}

/** What is asked of the table, and what that costs. */
async function* measureUnits(world: World, parts: ReadonlySet<Part>, full: boolean): AsyncGenerator<Measured> {
  const endpoints = parts.has('endpoints') ? await measured('endpoints', () => measureEndpoints(world)) : undefined;
  if (endpoints) yield endpoints;
  const counts = parts.has('counts') ? await measured('counts', () => measureCounts(world, { full })) : undefined;
  if (counts) yield counts;
  if (!parts.has('cost')) return;
  yield await measured('cost', async () => {
    if (!endpoints?.data || !counts?.data) throw new Error('what it is made of was not measured');
    return measureCost(world, endpoints.data, counts.data.counting);
  });
}

/** What cannot be measured is a fault like what is over its budget: no silence is taken for good news. */
export async function measured<Measures extends Section>(
  part: Part,
  measure: () => Promise<Measures>,
): Promise<Measured & { readonly data?: Measures['data'] }> {
  try {
    const section = await measure();
    return { part, section, data: section.data };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const faults = [`${part} cannot be measured: ${reason}`];
    return { part, section: { title: part, texts: [], data: undefined, faults } };
  }
}
