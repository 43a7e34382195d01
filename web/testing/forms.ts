import type { Locator, Page } from 'playwright-core';

/** Fills fields by their labels. */
export async function fillIn(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
}

/** Waits for the page of a heading. */
export async function headingOf(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
}

/** Whether a field is the one that the keyboard writes to. */
export async function hasFocus(field: Locator): Promise<boolean> {
  const id = await field.getAttribute('id');
  return id !== null && id === (await field.page().evaluate<string>('document.activeElement.id'));
}
