import type { BrowserContext } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { open } from '../../testing/browser.ts';
import { headingOf } from '../../testing/forms.ts';
import { newPerson, type Person, theProduct } from '../../testing/person.ts';

/** How often the browser asks for a token. */
function countRefreshes(context: BrowserContext): () => number {
  let count = 0;
  context.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/auth' && request.postDataJSON().action === 'refresh') count += 1;
  });
  return () => count;
}

describe('the session of a browser', () => {
  let ada: Person;

  beforeAll(async () => {
    ada = await newPerson();
  });

  test('keeps no token where a script could read it', async () => {
    const page = await open('/dashboard', { as: ada });
    await headingOf(page, 'Dashboard');
    expect(await page.evaluate('[localStorage.length, sessionStorage.length, document.cookie]')).toEqual([0, 0, '']);
    expect(await page.evaluate('indexedDB.databases().then((all) => all.length)')).toBe(0);
    const cookies = await page.context().cookies();
    expect(cookies).toEqual([
      expect.objectContaining({
        name: '__Host-otp_refresh',
        httpOnly: true,
        secure: true,
        sameSite: 'Strict',
        path: '/',
      }),
    ]);
  });

  test('asks for one new token, however many calls were refused the old one', async () => {
    let refused = 0;
    const page = await open('/settings', { as: ada });
    await headingOf(page, 'Settings');
    const refreshes = countRefreshes(page.context());
    const seen = new Set<string>();
    await page.route(/\/api\/(otp|users)\b/, (route) => {
      const path = new URL(route.request().url()).pathname;
      if (seen.has(path)) return route.fallback();
      seen.add(path);
      refused += 1;
      return route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{"code":"token_expired"}' });
    });
    await page.getByRole('link', { name: 'Dashboard', exact: true }).click();
    await page.getByText('No codes yet').waitFor();
    await page.getByText('Last seven days').waitFor();
    expect(refused).toBeGreaterThan(2);
    expect(refreshes()).toBe(1);
  });

  test('is shared by tabs that start at once, without one ending it for the other', async () => {
    const page = await open('/dashboard', { as: ada });
    const tabs = [page, await page.context().newPage(), await page.context().newPage()];
    await Promise.all(tabs.map((tab) => tab.goto('/settings')));
    await Promise.all(tabs.map((tab) => tab.reload()));
    for (const tab of tabs) await headingOf(tab, 'Settings');
  });

  test('ends in every tab when one of them logs out', async () => {
    const bob = await newPerson();
    const page = await open('/dashboard', { as: bob });
    await headingOf(page, 'Dashboard');
    const other = await page.context().newPage();
    await other.goto('/settings');
    await headingOf(other, 'Settings');
    await page.getByRole('button', { name: bob.username }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await headingOf(page, 'Log in');
    await headingOf(other, 'Log in');
    await page.goto('/dashboard');
    await headingOf(page, 'Log in');
  });

  test('says that it has ended when it was ended elsewhere, and comes back to the same page after log-in', async () => {
    const bob = await newPerson();
    const page = await open('/settings', { as: bob });
    await headingOf(page, 'Settings');
    const elsewhere = await theProduct().logIn(bob.client, { username: bob.username, password: bob.password });
    await bob.client.delete('/users/me/sessions', { token: elsewhere.token });
    await page.getByRole('tab', { name: 'Sessions' }).click();
    await page.getByText('Your session has ended').waitFor();
    await page.getByLabel('Username').fill(bob.username);
    await page.getByLabel('Password', { exact: true }).fill(bob.password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('This one').waitFor();
    expect(new URL(page.url()).search).toBe('?section=sessions');
  });
});
