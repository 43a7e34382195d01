import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createConfig } from '../../infra/testing/otp-user.ts';
import { open } from './browser.ts';
import { clipboard } from './clipboard.ts';
import { newPerson } from './person.ts';

/** Goes on by the tabulator until what has the focus is called so. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let step = 0; step < 40; step++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<string>(
      `(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent ?? '').trim()`,
    );
    if (name.test(focused)) return;
  }
  throw new Error(`The tabulator does not lead to ${name}.`);
}

test('the keyboard alone leads from log-in to a code that is copied', async () => {
  const ada = await newPerson();
  await createConfig(ada, { name: 'Bank' });
  const page = await open('/');
  await page.getByRole('link', { name: 'Log in' }).waitFor();
  await tabTo(page, /^Log in$/);
  await page.keyboard.press('Enter');
  await page.getByLabel('Username').waitFor();
  await page.keyboard.type(ada.username);
  await page.keyboard.press('Tab');
  await page.keyboard.type(ada.password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Copy the code of Bank' }).waitFor();
  await tabTo(page, /^Copy the code of Bank/);
  await page.keyboard.press('Enter');
  await page.getByText('Copied').waitFor({ state: 'attached' });
  expect(await clipboard(page)).toMatch(/^\d{6}$/);

  await page.keyboard.press('Control+Home');
  await page.reload();
  await page.getByRole('button', { name: 'Copy the code of Bank' }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('main');
});
