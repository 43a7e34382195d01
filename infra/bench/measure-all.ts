import type { BenchOptions, Part } from './bench-options.ts';
import { openBenchProduct } from './bench-product.ts';
import { measureSizes } from './bundle-sizes.ts';
import { measureEndpoints } from './endpoints.ts';
import { measureImports } from './import-time.ts';
import type { Section } from './section.ts';
import { createWorld } from './world.ts';

/** Measures the parts that were asked for, one after the other. */
export async function* measureAll({ parts }: BenchOptions): AsyncGenerator<{ part: Part; section: Section }> {
  if (parts.has('import')) yield { part: 'import', section: await measureImports() };
  if (parts.has('bundles')) yield { part: 'bundles', section: await measureSizes() };
  if (!(['cpu', 'endpoints', 'counts', 'load'] as const).some((part) => parts.has(part))) return;

  const { product, stop } = await openBenchProduct();
  try {
    const world = await createWorld(product);
    if (parts.has('endpoints')) yield { part: 'endpoints', section: await measureEndpoints(world) };
  } finally {
    await stop();
  }
}
