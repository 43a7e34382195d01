import { startProduct } from './product.ts';
import type { ProcessMessage, ProcessOptions } from './product-launch.ts';

/*
 * A product in a process of its own, started by `launchProduct`. It ends when asked to, and when whoever started it is gone.
 */

const options: ProcessOptions = JSON.parse(process.argv[2] ?? '{}');
const say = (message: ProcessMessage) => process.send?.(message);

async function end(code: number): Promise<void> {
  // What does not end in time is not worth waiting for: everything is in memory.
  setTimeout(() => process.exit(code), 5000).unref();
  await stop();
  process.exit(code);
}

let stop: () => Promise<void> = async () => undefined;
process.once('disconnect', () => void end(0));
process.on('SIGINT', () => undefined);

try {
  const product = await startProduct(options);
  stop = product.stop;
  say({ type: 'ready', info: product.info });
  void product.failed.then((sentence) => {
    console.error(sentence);
    void end(1);
  });
} catch (error) {
  say({ type: 'failed', sentence: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  await end(1);
}
