import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { seedAdministrator } from '../../infra/testing/seeded-user.ts';
import { open } from './browser.ts';
import { newPerson, type Person, theProduct } from './person.ts';
import { newBusyPerson } from './populated.ts';
import { barriers, overhang, shifted, shoot } from './watch.ts';

type Who = 'nobody' | 'newcomer' | 'busy' | 'admin';

/** Each page, who looks at it, and what is there once it has loaded. */
const pages: readonly [name: string, path: string, who: Who, ready: (page: Page) => Promise<unknown>][] = [
  ['home', '/', 'nobody', (page) => page.getByRole('link', { name: 'Log in' }).waitFor()],
  ['login', '/login', 'nobody', (page) => page.getByLabel('Username').waitFor()],
  ['signup', '/signup', 'nobody', (page) => page.getByLabel('Username').waitFor()],
  ['not-found', '/no/such/page', 'nobody', (page) => page.getByRole('heading', { level: 1 }).waitFor()],
  ['dashboard-empty', '/dashboard', 'newcomer', (page) => page.getByText('No codes yet').waitFor()],
  [
    'dashboard',
    '/dashboard',
    'busy',
    (page) => page.getByRole('button', { name: 'Copy the code of Nordbank' }).waitFor(),
  ],
  ['configs-empty', '/otp/configs', 'newcomer', (page) => page.getByText('No configurations yet').waitFor()],
  ['configs', '/otp/configs', 'busy', (page) => page.getByRole('link', { name: 'Nordbank' }).waitFor()],
  ['configs-new', '/otp/configs?new', 'busy', (page) => page.getByRole('dialog').getByLabel('Name').waitFor()],
  ['configs-import', '/otp/configs?import', 'busy', (page) => page.getByRole('dialog').getByLabel('URIs').waitFor()],
  [
    'configs-export',
    '/otp/configs?export',
    'busy',
    (page) => page.getByRole('dialog').getByText('Most apps').waitFor(),
  ],
  ['generate', '/otp/generate/1', 'busy', (page) => page.getByText('Copy code').waitFor()],
  ['validate', '/otp/validate/1', 'busy', (page) => page.getByLabel('Code', { exact: true }).waitFor()],
  ['generate-absent', '/otp/generate/99', 'busy', (page) => page.getByText('No such configuration').waitFor()],
  ['settings', '/settings', 'busy', (page) => page.getByLabel('Department').waitFor()],
  ['settings-password', '/settings?section=password', 'busy', (page) => page.getByLabel('Current password').waitFor()],
  [
    'settings-mfa',
    '/settings?section=mfa',
    'busy',
    (page) => page.getByRole('button', { name: 'Turn MFA on' }).waitFor(),
  ],
  ['settings-sessions', '/settings?section=sessions', 'busy', (page) => page.getByText('This one').waitFor()],
  ['settings-keys', '/settings?section=api-keys', 'busy', (page) => page.getByText('Shop back end').waitFor()],
  ['admin-refused', '/admin', 'busy', (page) => page.getByText('This page is for administrators').waitFor()],
  ['admin', '/admin', 'admin', (page) => page.getByRole('table').first().waitFor()],
  ['audit', '/audit', 'admin', (page) => page.getByRole('table').first().waitFor()],
];

const looks = [
  ['light', 'wide', 1280],
  ['light', 'phone', 360],
  ['dark', 'wide', 1280],
  ['dark', 'phone', 360],
] as const;

describe('every page', () => {
  const people = new Map<Who, Person>();

  beforeAll(async () => {
    const product = theProduct();
    people.set('newcomer', await newPerson(product));
    people.set('busy', await newBusyPerson());
    people.set('admin', { ...(await seedAdministrator(product)) });
  });

  test.each(pages)(
    '%s (%s) stands still while it loads, has no barrier in light and dark, and fits a phone',
    async (name, path, who, ready) => {
      const person = people.get(who);
      const page = await open(path, { ...(person && { as: person }) });
      await ready(page);
      await page.waitForLoadState('networkidle');
      expect.soft(await shifted(page)).toBeLessThan(0.01);
      for (const [colorScheme, size, width] of looks) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        expect.soft(await overhang(page), `${colorScheme} ${size}`).toBeLessThanOrEqual(0);
        // Contrast depends on the theme and everything else on the width: each of the two is there once.
        if (colorScheme === 'light' ? size === 'wide' : size === 'phone')
          expect.soft(await barriers(page), `${colorScheme} ${size}`).toEqual([]);
        await shoot(page, `${name}-${colorScheme}-${size}`);
      }
    },
  );
});
