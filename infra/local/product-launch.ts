import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ProductInfo, ProductOptions } from './product.ts';

/** What a product in a process of its own can be started with. */
export type ProcessOptions = Omit<ProductOptions, 'data' | 'onLog'>;

/** What that process says. */
export type ProcessMessage =
  | { readonly type: 'ready'; readonly info: ProductInfo }
  | { readonly type: 'failed'; readonly sentence: string };

/** A product in a process of its own. */
export interface LaunchedProduct {
  readonly info: ProductInfo;
  stop(): Promise<void>;
}

/**
 * Starts a product, all in memory, in a process of its own, so that several use several cores. It ends with this process,
 * whatever becomes of that.
 */
export async function launchProduct(options: ProcessOptions): Promise<LaunchedProduct> {
  const child = fork(fileURLToPath(new URL('./product-process.ts', import.meta.url)), [JSON.stringify(options)], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const info = await new Promise<ProductInfo>((resolve, reject) => {
    child.once('message', (message: ProcessMessage) => {
      if (message.type === 'ready') resolve(message.info);
      else reject(new Error(message.sentence));
    });
    void ended.then((code) => reject(new Error(`The product ended with code ${code} before it was ready.`)));
  });
  return {
    info,
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
