import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Request,
} from 'playwright-core';
import { expect, inject, onTestFinished } from 'vitest';
import { type Person, putIn, takeOut } from './person.ts';
import { shoot } from './watch.ts';

/** How a page is looked at. */
export interface View {
  /** Who is logged in; nobody, unless said. */
  readonly as?: Person;
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly reducedMotion?: 'reduce' | 'no-preference';
  readonly permissions?: readonly string[];
  /** Prepares the browser before the page is there: answers of its own to some requests, a clock that is off. */
  readonly before?: (context: BrowserContext) => Promise<unknown>;
  /** What the browser may complain about, because the test brings it about. */
  readonly tolerates?: RegExp;
}

const patienceMs = 30_000;

// For all files of a process of tests; it ends with that.
let connecting: Promise<Browser> | undefined;

/** The console's address in the product without limits. */
export function consoleOrigin(): string {
  return inject('generous').console;
}

/**
 * Opens a page of the console in a browser that has seen nothing before. The test fails when the page logs an error, throws one,
 * breaks the content security policy, or asks for something that is answered 5xx or not at all.
 */
export async function open(path: string, view: View = {}): Promise<Page> {
  connecting ??= connectBrowser();
  const browser = await connecting;
  const context = await browser.newContext(optionsOf(view));
  context.setDefaultTimeout(patienceMs);
  const complaints = await listen(context);
  const rotated = watchRotation(context);
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail')
      for (const page of context.pages()) await shoot(page, `failed/${task.name}`).catch(() => undefined);
    await rotated();
    if (view.as) await takeOut(context, view.as);
    await context.close();
    expect(complaints.filter((complaint) => !view.tolerates?.test(complaint))).toEqual([]);
  });
  if (view.as) await putIn(context, view.as);
  await view.before?.(context);
  const page = await context.newPage();
  await page.goto(path);
  return page;
}

async function connectBrowser(): Promise<Browser> {
  const answer = await fetch(inject('browser'));
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The browser did not start: ${text}`);
  return chromium.connect(text);
}

function optionsOf({
  width = 1280,
  height = 900,
  colorScheme = 'light',
  reducedMotion = 'no-preference',
  permissions,
}: View) {
  return {
    baseURL: consoleOrigin(),
    viewport: { width, height },
    colorScheme,
    reducedMotion,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    permissions: [...(permissions ?? ['clipboard-read', 'clipboard-write'])],
  } satisfies BrowserContextOptions;
}

/** Waits for the answers that still bring a new cookie: without it, the session could not go on in the next browser. */
function watchRotation(context: BrowserContext): () => Promise<unknown> {
  const asked = new Set<Request>();
  context.on('request', (request) => request.url().endsWith('/api/auth') && asked.add(request));
  return () => Promise.all([...asked].map((request) => request.response()));
}

/** Writes down what goes wrong in any page of the context. */
async function listen(context: BrowserContext): Promise<string[]> {
  const complaints: string[] = [];
  context.on('console', (message) => {
    // The browser says this of every refusal too; answers are looked at below.
    const isOfAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isOfAnswer) complaints.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(`error: ${error.error().stack ?? error.error().message}`));
  context.on('response', (response) => {
    const { pathname } = new URL(response.url());
    const isRefusal = pathname.startsWith('/api/') && response.status() < 500;
    if (response.status() >= 400 && !isRefusal) complaints.push(`answer: ${response.status()} ${pathname}`);
  });
  context.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    // The page itself called it off: somebody went on to another one.
    if (why !== 'net::ERR_ABORTED') complaints.push(`request: ${why} ${new URL(request.url()).pathname}`);
  });
  await context.exposeBinding('tellViolation', (_, what: string) => complaints.push(`policy: ${what}`));
  await context.addInitScript(
    `document.addEventListener('securitypolicyviolation', (event) =>
       tellViolation(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile + ':' + event.lineNumber))`,
  );
  return complaints;
}
