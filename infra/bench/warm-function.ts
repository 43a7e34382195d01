import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as z from 'zod';

const measured = z.object({
  cpuMs: z.number(),
  answer: z.looseObject({ statusCode: z.number(), body: z.string().optional() }),
});

/** A function that is kept warm. */
export interface WarmFunction {
  /** Runs an event so many times, one after the other; the CPU of one, in milliseconds, with the last answer. */
  run(event: unknown, times: number): Promise<z.output<typeof measured>>;
  stop(): Promise<void>;
}

/** Starts a bundle in a process of its own. */
export async function startWarmFunction(bundle: string, env: Record<string, string>): Promise<WarmFunction> {
  const child = fork(fileURLToPath(new URL('./warm-function.mjs', import.meta.url)), [pathToFileURL(bundle).href], {
    env,
    execArgv: [],
    // Items of the table hold sets and bytes.
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const failed = ended.then(([code]) => {
    throw new Error(`the bundle ${bundle} ended with code ${code}`);
  });
  failed.catch(() => undefined);
  const next = async () => (await Promise.race([once(child, 'message'), failed]))[0];
  await next();
  return {
    run: async (event, times) => {
      child.send({ event, times });
      return measured.parse(await next());
    },
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
