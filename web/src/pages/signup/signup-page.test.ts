import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { open } from '../../../testing/browser.ts';
import { fillIn, hasFocus, headingOf } from '../../../testing/forms.ts';
import { newPerson } from '../../../testing/person.ts';

const password = 'Correct-h0rse-battery';

/** The rules beside the password, and whether each is met. */
function rules(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(
    `[...document.querySelectorAll('[aria-label="Rules for the password"] li')].map((rule) =>
       rule.querySelector('svg').getAttribute('aria-label') + ' ' + rule.textContent)`,
  );
}

describe('/signup', () => {
  test('shows the rules for the password as they are met', async () => {
    const page = await open('/signup');
    expect((await rules(page)).every((rule) => rule.startsWith('Not met:'))).toBe(true);
    await fillIn(page, { Username: 'grace', Password: 'grace-hopper' });
    expect(await rules(page)).toEqual([
      'Met: Use at least 12 characters.',
      'Not met: Use an upper-case letter.',
      'Met: Use a lower-case letter.',
      'Not met: Use a digit.',
      'Met: Use a special character, such as a punctuation mark or a space.',
      'Not met: Do not use your username in it.',
    ]);
    await page.getByLabel('Password', { exact: true }).fill(password);
    expect((await rules(page)).every((rule) => rule.startsWith('Met:'))).toBe(true);
  });

  test('makes an account, with which its owner logs in at once', async () => {
    const username = `g${randomBytes(6).toString('hex')}`;
    const page = await open('/');
    await page.getByRole('link', { name: 'Sign up' }).click();
    await fillIn(page, { Username: username, 'E-mail': `${username}@example.com`, Password: password });
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('Your account is ready').waitFor();
    expect(await page.getByLabel('Username').inputValue()).toBe(username);
    await fillIn(page, { Password: password });
    await page.getByRole('button', { name: 'Log in' }).click();
    await headingOf(page, 'Dashboard');
    await page.getByText('No codes yet').waitFor();
  });

  test('says at the field what the service does not take', async () => {
    const ada = await newPerson();
    const page = await open('/signup');
    const fields = { Username: ada.username, 'E-mail': 'other@example.com', Password: password };
    await fillIn(page, fields);
    await page.getByRole('button', { name: 'Create account' }).click();
    const name = page.getByLabel('Username');
    await expect.poll(() => name.getAttribute('aria-invalid')).toBe('true');
    expect(await hasFocus(name)).toBe(true);

    await fillIn(page, { Username: `${ada.username}2`, 'E-mail': 'no-dot@example' });
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect.poll(() => page.getByLabel('E-mail').getAttribute('aria-invalid')).toBe('true');
  });
});
