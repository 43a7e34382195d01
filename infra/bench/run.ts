import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { root } from '../build.ts';
import { runCommand } from '../run-command.ts';
import { readBenchOptions } from './bench-options.ts';
import { measureAll } from './measure-all.ts';
import type { Section } from './section.ts';
import { verdictOf } from './verdict.ts';

/** `npm run bench`: measures the product against its budgets, prints tables and writes `.build/bench.json`. */
async function runBench(): Promise<void> {
  const options = readBenchOptions(process.argv.slice(2));
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 100) / 10;
  const machine = {
    cpu: cpus()[0]?.model.trim(),
    cores: cpus().length,
    node: process.versions.node,
    load: loadavg()[0],
  };
  console.log(`Node ${machine.node} on ${machine.cores} × ${machine.cpu}, load ${machine.load?.toFixed(1)}`);

  const sections: Section[] = [];
  const measured: Record<string, unknown> = {};
  for await (const { part, section } of measureAll(options)) {
    console.log(`\n${section.title} (after ${seconds()} s)\n\n${section.texts.join('\n\n')}`);
    sections.push(section);
    measured[part] = section.data ?? null;
  }

  const { faults, text, exitCode } = verdictOf(sections, options);
  const report = { at: new Date().toISOString(), machine, seconds: seconds(), faults, ...measured };
  await writeFile(join(root, '.build/bench.json'), `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\n${seconds()} s, written to .build/bench.json. ${text}`);
  process.exitCode = exitCode;
}

await runCommand(runBench);
