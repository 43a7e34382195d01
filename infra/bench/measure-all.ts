import type { BenchOptions, Part } from './bench-options.ts';
import { openBenchProduct } from './bench-product.ts';
import { measureSizes } from './bundle-sizes.ts';
import { measureCost } from './cost.ts';
import { measureCounts } from './counts.ts';
import { measureCpu } from './cpu.ts';
import { type EndpointMeasures, measureEndpoints } from './endpoints.ts';
import { measureImports } from './import-time.ts';
import { measureLoad } from './load.ts';
import { overviewOf } from './overview.ts';
import type { Section } from './section.ts';
import { createWorld, type World } from './world.ts';

/** A part with what it measured, or with why it could not. */
export interface Measured {
  readonly part: Part | 'overview';
  readonly section: Section;
}

/** Measures the parts that were asked for, one after the other. */
export async function* measureAll({ parts, seconds, full }: BenchOptions): AsyncGenerator<Measured> {
  const imports = parts.has('import') ? await measured('import', measureImports) : undefined;
  if (imports) yield imports;
  const sizes = parts.has('bundles') ? await measured('bundles', measureSizes) : undefined;
  if (sizes) yield sizes;
  if (!(['cpu', 'endpoints', 'counts', 'load'] as const).some((part) => parts.has(part))) return;

  const { product, stop } = await openBenchProduct();
  try {
    const world = await createWorld(product);
    const cpu = parts.has('cpu') ? await measured('cpu', () => measureCpu(world)) : undefined;
    if (cpu) yield cpu;
    const endpoints = parts.has('endpoints') ? await measured('endpoints', () => measureEndpoints(world)) : undefined;
    if (endpoints) yield endpoints;
    yield* measureUnits(world, parts, full, endpoints?.data);
    if (parts.has('load')) yield await measured('load', () => measureLoad(world, { seconds }));
    if (endpoints?.data === undefined) return;
    const found = {
      endpoints: endpoints.data.endpoints,
      sizes: sizes?.data?.bundles ?? [],
      imports: imports?.data?.bundles ?? [],
      cpu: cpu?.data?.operations ?? [],
    };
    yield { part: 'overview', section: overviewOf(found) };
  } finally {
    await stop();
  }
}

/** What counting costs, and what requests cost with it. */
async function* measureUnits(
  world: World,
  parts: ReadonlySet<Part>,
  full: boolean,
  endpoints: EndpointMeasures['data'] | undefined,
): AsyncGenerator<Measured> {
  const counts = parts.has('counts') ? await measured('counts', () => measureCounts(world, { full })) : undefined;
  if (counts) yield counts;
  if (!parts.has('cost')) return;
  yield await measured('cost', async () => {
    if (!endpoints || !counts?.data) throw new Error('what it is made of was not measured');
    return measureCost(world, endpoints, counts.data.counting);
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
