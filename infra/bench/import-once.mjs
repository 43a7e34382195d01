/*
 * Imports the bundle that it is given, in a process that has imported nothing before, as a cold start does; says how long that took.
 * No TypeScript: Node would load what strips its types, and that would be measured with it.
 */
const before = process.cpuUsage();
const startedAt = performance.now();
await import(process.argv[2]);
const wallMs = performance.now() - startedAt;
const { user, system } = process.cpuUsage(before);
process.stdout.write(JSON.stringify({ wallMs, cpuMs: (user + system) / 1000 }));
process.exit(0);
