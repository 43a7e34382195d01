import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BrowserServer, chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { root } from '../../infra/build.ts';
import { listen } from '../../infra/local/listen.ts';
import { cameraPicture } from './camera-picture.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Asked by GET, says where the browser that all files share takes connections. */
    browser: string;
  }
}

/**
 * One headless Chromium for all files, each of whose tests gets a context of its own: cookies, storage, cache. It is started
 * when the first file asks where it is; a run without the console's files never starts it.
 */
export default async function setup({ provide }: Pick<TestProject, 'provide'>): Promise<() => Promise<void>> {
  let starting: Promise<BrowserServer> | undefined;
  const door = createServer((_, response) => {
    starting ??= launch();
    starting.then(
      (browser) => response.end(browser.wsEndpoint()),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  const listening = await listen(door, 0);
  provide('browser', listening.url);
  return async () => {
    await listening.stop();
    await (await starting)?.close();
  };
}

async function launch(): Promise<BrowserServer> {
  const folder = await unpackedBrowser();
  const camera = join(folder, 'camera.y4m');
  await writeFile(camera, cameraPicture());
  // Playwright's own arguments switch background networking off and give it an empty profile. Of those that the package brings
  // for Lambda only what a container needs is taken: the others would switch off what these tests look at, such as the
  // same-origin policy.
  const start = (env: NodeJS.ProcessEnv) =>
    chromium.launchServer({
      executablePath: join(folder, 'chromium'),
      args: [
        '--no-sandbox',
        '--no-zygote',
        '--font-render-hinting=none',
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-video-capture=${camera}`,
      ],
      env: { ...process.env, ...env },
    });
  // A system without Chromium's libraries takes those of the package.
  return start({}).catch(() => start({ LD_LIBRARY_PATH: join(folder, 'al2023/lib') }));
}

/** The package carries its browser packed and unpacks it into the folder for temporary files, in a process that has another. */
async function unpackedBrowser(): Promise<string> {
  const manifest = createRequire(import.meta.url)
    .resolve('@sparticuz/chromium')
    .replace(/build\/.*$/, 'package.json');
  const { version }: { version: string } = JSON.parse(await readFile(manifest, 'utf8'));
  const folder = join(root, '.build', `chromium-${version}`);
  const isThere = await readFile(join(folder, 'whole')).catch(() => undefined);
  if (isThere !== undefined) return folder;

  await mkdir(join(root, '.build'), { recursive: true });
  const fresh = await mkdtemp(join(root, '.build/unpacking-'));
  await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', "await (await import('@sparticuz/chromium')).default.executablePath()"],
    // As in Lambda, so that it unpacks the libraries too.
    { cwd: root, env: { ...process.env, TMPDIR: fresh, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' } },
  );
  await writeFile(join(fresh, 'whole'), '');
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
  return folder;
}
