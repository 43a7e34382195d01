import { spawn } from 'node:child_process';

/*
 * Runs a command that must not outlive whoever started this process: `node watchdog.ts <command> <arguments…>`. When the pipe on
 * its standard input closes, because its owner asks for the end or has died in whatever way, it ends the command.
 */

const patienceMs = 3000;

const [command = '', ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });

child.once('error', (error: NodeJS.ErrnoException) => {
  console.error(error.code === 'ENOENT' ? `there is no ${command} on this machine.` : error.message);
  process.exit(127);
});
child.once('exit', (code) => process.exit(code ?? 1));

function end(): void {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), patienceMs).unref();
}

process.stdin.resume();
process.stdin.once('end', end);
process.stdin.once('error', end);
// Only the owner ends it, by closing the pipe: a signal to the whole group is the owner's to answer.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('SIGTERM', end);
