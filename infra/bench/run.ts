import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { root } from '../build.ts';
import { readBenchOptions } from './bench-options.ts';
import { measureAll } from './measure-all.ts';

/* `npm run bench`: measures the product against its budgets, prints tables and writes `.build/bench.json`. */

async function main(): Promise<void> {
  const options = readBenchOptions(process.argv.slice(2));
  const startedAt = performance.now();
  const machine = {
    cpu: cpus()[0]?.model.trim(),
    cores: cpus().length,
    node: process.versions.node,
    load: loadavg()[0],
  };
  console.log(`Node ${machine.node} on ${machine.cores} × ${machine.cpu}, load ${machine.load?.toFixed(1)}`);

  const measured: Record<string, unknown> = {};
  const faults: string[] = [];
  for await (const { part, section } of measureAll(options)) {
    console.log(`\n${section.title}\n\n${section.texts.join('\n\n')}`);
    measured[part] = section.data;
    faults.push(...section.faults);
  }

  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  const file = join(root, '.build/bench.json');
  await writeFile(
    file,
    `${JSON.stringify({ at: new Date().toISOString(), machine, seconds, faults, ...measured }, null, 2)}\n`,
  );
  console.log(
    `\n${seconds} s, written to .build/bench.json. ${faults.length === 0 ? 'All within budget.' : 'Over budget:'}`,
  );
  for (const fault of faults) console.log(`  ${fault}`);
  if (options.check && faults.length > 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? (process.env['DEBUG'] ? error : error.message) : error);
  process.exitCode = 1;
}
