import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions, root } from '../build.ts';

/** Builds `bare-handler.ts` as every function is built, and says where its bundle is and how many bytes it has. */
export async function buildBareHandler(): Promise<{ file: string; bytes: number }> {
  const { outputFiles } = await build({
    ...bundleOptions,
    entryPoints: [{ in: 'infra/bench/bare-handler.ts', out: 'bare-handler/index' }],
    outdir: join(root, '.build/bench'),
  });
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new Error('the bare handler has no bundle');
  await mkdir(dirname(bundle.path), { recursive: true });
  await writeFile(bundle.path, bundle.contents);
  return { file: bundle.path, bytes: bundle.contents.length };
}
