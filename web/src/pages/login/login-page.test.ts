import { beforeAll, describe, expect, test } from 'vitest';
import { open } from '../../../testing/browser.ts';
import { newPerson, type Person } from '../../../testing/person.ts';

describe('/login', () => {
  let ada: Person;

  beforeAll(async () => {
    ada = await newPerson();
  });

  test('leads with name and password to the dashboard', async () => {
    const page = await open('/login');
    await page.getByLabel('Username').fill(ada.username);
    await page.getByLabel('Password', { exact: true }).fill(ada.password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/dashboard');
  });

  test('is passed by those whose cookie still holds a session', async () => {
    const page = await open('/login', { as: ada });
    await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor();
  });
});
