import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { root } from '../../infra/build.ts';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds wrong with a page as it stands (WCAG 2.2 AA): a line each. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate<string[]>(
    `axe.run(document, { runOnly: ${JSON.stringify(rules)}, resultTypes: ['violations'] }).then(({ violations }) =>
       violations.flatMap(({ id, nodes }) => nodes.map((node) => id + ': ' + node.html.slice(0, 160) + ' ' +
         node.any.concat(node.all, node.none).map((check) => check.message).join(' ').slice(0, 200))))`,
  );
}

/** How much has moved by itself while the page was loading: the sum of its layout shifts (CLS, web.dev/cls). */
export function shifted(page: Page): Promise<number> {
  return page.evaluate<number>(
    `new Promise((resolve) => {
       let sum = 0;
       const observer = new PerformanceObserver((list) => {
         for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
       });
       observer.observe({ type: 'layout-shift', buffered: true });
       requestAnimationFrame(() => setTimeout(() => resolve(sum)));
     })`,
  );
}

/** How far a page can be scrolled sideways, in pixels. */
export function overhang(page: Page): Promise<number> {
  return page.evaluate<number>('document.scrollingElement.scrollWidth - document.documentElement.clientWidth');
}

/** Leaves a picture of the page in `.shots/`, for a person to look at; in CI, where nobody does, of what failed alone. */
export async function shoot(page: Page, name: string): Promise<void> {
  if (process.env['CI'] !== undefined && !name.startsWith('failed/')) return;
  await page.screenshot({ path: join(root, '.shots', `${name}.png`), fullPage: true, animations: 'disabled' });
}
