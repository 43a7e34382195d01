import type { BrowserContext } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { contentSecurityPolicy, siteHeaders } from '../../infra/site-rules.ts';
import { createConfig } from '../../infra/testing/otp-user.ts';
import { open } from './browser.ts';
import { hasFocus, headingOf } from './forms.ts';
import { newPerson, type Person } from './person.ts';

/** Answers as the service does when it refuses. */
function refuse(context: BrowserContext, path: string, status: number, retryAfterSeconds: number) {
  return context.route(`**/api${path}`, (route) =>
    route.fulfill({
      status,
      contentType: 'application/problem+json',
      headers: { 'retry-after': String(retryAfterSeconds) },
      body: JSON.stringify({
        status,
        code: 'try_again',
        title: 'Try again',
        detail: 'Come back later.',
        request_id: 'r-1',
      }),
    }),
  );
}

describe('a page when things go wrong', () => {
  let ada: Person;

  beforeAll(async () => {
    ada = await newPerson();
    await createConfig(ada, { name: 'Bank' });
  });

  test('tells that the service cannot answer, counts down, and tries again when asked', async () => {
    const page = await open('/otp/configs', {
      as: ada,
      before: (context) => refuse(context, '/otp/configs*', 503, 3),
      tolerates: /answer: 503/,
    });
    await page.getByRole('alert').getByText('Come back later.').waitFor();
    await page.getByText('Request r-1').waitFor();
    await page.getByText(/You can try again in \d s/).waitFor();
    const again = page.getByRole('button', { name: 'Try again' });
    expect(await again.isDisabled()).toBe(true);
    await page.context().unrouteAll();
    await again.click();
    await page.getByRole('link', { name: 'Bank' }).waitFor();
  });

  test('sends a read again by itself when the service was away for a moment', async () => {
    let failures = 1;
    const page = await open('/otp/configs', {
      as: ada,
      before: (context) =>
        context.route('**/api/otp/configs*', (route) =>
          failures-- > 0 ? route.fulfill({ status: 503, headers: { 'retry-after': '1' } }) : route.fallback(),
        ),
      tolerates: /answer: 503/,
    });
    await page.getByRole('link', { name: 'Bank' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('counts down after too many requests, and keeps what was typed', async () => {
    const page = await open('/otp/configs?new', { as: ada });
    await refuse(page.context(), '/otp/configs', 429, 40);
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Mail');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByRole('alert').getByText('Come back later.').waitFor();
    const wait = dialog.getByRole('button', { name: /^Wait \d\d s$/ });
    expect(await wait.isDisabled()).toBe(true);
    const before = await wait.textContent();
    await expect.poll(() => wait.textContent()).not.toBe(before);
    expect(await dialog.getByLabel('Name').inputValue()).toBe('Mail');
  });

  test('puts what the service does not take at its field', async () => {
    const page = await open('/otp/configs?new', { as: ada });
    const dialog = page.getByRole('dialog');
    await dialog.getByText('I have a secret').click();
    await dialog.getByLabel('Name').fill('Mail');
    const secret = dialog.getByLabel('Secret', { exact: true });
    await secret.fill('not base 32: 0189');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect.poll(() => secret.getAttribute('aria-invalid')).toBe('true');
    expect(await hasFocus(secret)).toBe(true);
    expect(await dialog.getByRole('alert').count()).toBe(0);
  });

  test('says that it is offline, keeps what it has, and comes back by itself', async () => {
    const page = await open('/otp/configs', {
      as: ada,
      tolerates: /ERR_INTERNET_DISCONNECTED|Unable to preload|dynamically imported module/,
    });
    await page.getByRole('link', { name: 'Bank' }).waitFor();
    await page.context().setOffline(true);
    await page.getByText('You are offline').first().waitFor();
    await page.getByRole('link', { name: 'Bank' }).waitFor();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByText('This page could not be shown').waitFor();
    await page.context().setOffline(false);
    await page.getByText('You are offline').waitFor({ state: 'detached' });
    await headingOf(page, 'Settings');
  });

  test('tells that the device’s clock is off, and shows the right codes all the same', async () => {
    const page = await open('/dashboard', {
      as: ada,
      before: (context) => context.clock.install({ time: Date.now() + 300_000 }),
    });
    await page.getByText('This device’s clock is off').waitFor();
    await page.getByText(/It is [45] min \d\d s fast/).waitFor();
    await page.getByRole('button', { name: 'Copy the code of Bank' }).waitFor();
  });
});

describe('the console’s origin', () => {
  test('sends the policy and the headers that keep others out (SECURITY 35)', async () => {
    const page = await open('/login');
    const answer = await page.request.get('/login');
    expect(answer.headers()).toMatchObject({ 'content-security-policy': contentSecurityPolicy, ...siteHeaders });
  });

  test('lets no inline script run and no style come from elsewhere (SECURITY 35)', async () => {
    const page = await open('/login', { tolerates: /policy: |Content Security Policy/ });
    await page.evaluate(`(() => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.head.append(script);
      const style = document.createElement('style');
      style.textContent = 'h1 { display: none }';
      document.head.append(style);
    })()`);
    expect(await page.evaluate('window.ran')).toBe(undefined);
    await headingOf(page, 'Log in');
  });

  test('serves the interactive documentation of the API under a policy that it keeps', async () => {
    const page = await open('/docs');
    await page.getByRole('heading', { name: /^OTP service/ }).waitFor();
    await page.getByText('Errors are problem details').waitFor();
  });
});
