import { resolve } from 'node:path';
import { root } from '../build.ts';
import { openDataFolder } from './data-folder.ts';
import { createFirstAdministrator, type FirstAdministrator } from './first-administrator.ts';
import { PortTaken, requireFree } from './listen.ts';
import type { LogLine } from './log-buffer.ts';
import { type Product, startProduct } from './product.ts';
import { readStartOptions, type StartOptions } from './start-options.ts';

/* `npm start`: the whole product on this machine, until Ctrl-C. */

const stops: (() => Promise<void> | void)[] = [];
let isEnding = false;

/** Stops everything, once; a part that does not stop in time is left behind. */
async function end(code: number): Promise<never> {
  if (isEnding) return new Promise(() => undefined);
  isEnding = true;
  setTimeout(() => process.exit(code), 8000).unref();
  for (const stop of stops.reverse()) await stop();
  process.exit(code);
}

/** Tells in a sentence what is the user's to mend; a defect of ours is shown whole. */
function fail(error: unknown): Promise<never> {
  const isSentence = error instanceof PortTaken || (error instanceof Error && error.constructor === Error);
  console.error(isSentence ? `\n${error.message}` : error);
  return end(1);
}

async function main(): Promise<void> {
  const options = readStartOptions(process.argv.slice(2), process.env);
  const { ports } = options;
  // Before a build that would be in vain.
  for (const port of Object.values(ports)) if (port !== 0) await requireFree(port);
  const data = openDataFolder(resolve(root, options.data), { fresh: options.fresh });
  stops.push(() => data.release());

  console.log('Starting …');
  const startedAt = performance.now();
  const product = await startProduct({ ...options, data, onLog: tellTrouble });
  stops.push(() => product.stop());
  void product.failed.then((sentence) => fail(new Error(sentence)));
  const administrator = await createFirstAdministrator(product.info, data);
  console.log(greeting(product, administrator, options, performance.now() - startedAt));
}

/** What an engineer wants to see at once; all else is at the control port. */
function tellTrouble({ function: operation, stream, text }: LogLine): void {
  if (stream === 'platform') console.error(`${operation}: ${text}`);
}

function greeting(
  { info }: Product,
  { username, password }: FirstAdministrator,
  options: StartOptions,
  ms: number,
): string {
  const shown = (url: string) => url.replace('127.0.0.1', 'localhost');
  const kept =
    password === undefined ? 'made at the first start; npm run admin helps with a lost password' : 'shown this once';
  return [
    '',
    `  Console        ${shown(info.console)}`,
    `  API            ${shown(info.api)}        documentation: ${shown(info.api)}/docs`,
    `  Control port   ${shown(info.control)}        clock, faults, calls and logs of this machine`,
    '',
    `  Administrator  ${username}`,
    `  Password       ${password ?? '(not kept)'}        ${kept}`,
    '',
    `  Data is in ${options.dynamoDb ?? options.data}; npm start -- --fresh begins again. Started in ${(ms / 1000).toFixed(1)} s. Ctrl-C stops it.`,
    '',
  ].join('\n');
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0));
// Whoever started it through a pipe is gone: nobody could stop it any more.
process.once('disconnect', () => void end(0));
process.on('uncaughtException', (error) => void fail(error));
await main().catch(fail);
