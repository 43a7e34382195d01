import { beforeAll, describe, expect, test } from 'vitest';
import { seedAdministrator } from '../../../../infra/testing/seeded-user.ts';
import { open } from '../../../testing/browser.ts';
import { fillIn } from '../../../testing/forms.ts';
import { newPerson, newPersonWithMfa, type Person, theProduct } from '../../../testing/person.ts';

describe('/admin', () => {
  let admin: Person;
  let eve: Person;

  beforeAll(async () => {
    admin = { ...(await seedAdministrator(theProduct())) };
    eve = await newPerson();
    await theProduct().streamIsRead();
  });

  async function openUser(name: string) {
    const page = await open('/admin', { as: admin });
    await page.getByLabel('Search users').fill(name);
    await page.getByRole('button', { name }).click();
    return { page, dialog: page.getByRole('dialog', { name }) };
  }

  test('shows the service in numbers, plots, and tables that say the same', async () => {
    const page = await open('/admin', { as: admin });
    await page.getByText('Locked accounts').waitFor();
    const table = page.getByRole('table', { name: 'Events over time' });
    await table.waitFor({ state: 'attached' });
    expect(await table.getByRole('row').count()).toBe(25);
    await page.locator('.recharts-area-area').first().waitFor();
    await page.locator('.recharts-pie-sector').first().waitFor();
  });

  test('finds a user and changes them, after it has said what that does', async () => {
    const { page, dialog } = await openUser(eve.username);
    await fillIn(page, { Department: 'Mischief' });
    await dialog.getByRole('switch', { name: 'Active' }).click();
    await dialog.getByText(`Saving ends all sessions of ${eve.username} at once.`).waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText(`${eve.username} is saved.`).waitFor();
    await page.getByRole('row').filter({ hasText: eve.username }).getByText('Disabled').waitFor();
    await page.getByRole('cell', { name: 'Mischief' }).waitFor();
    expect((await eve.client.get('/users/me', { token: eve.token })).status).toBe(401);
  });

  test('unlocks a user', async () => {
    const noa = await newPerson();
    for (let failure = 0; failure < 5; failure++)
      await noa.client.post('/token', { username: noa.username, password: 'Not-the-passw0rd' });
    const { page, dialog } = await openUser(noa.username);
    await dialog.getByRole('tab', { name: 'Help and protect' }).click();
    await dialog.getByRole('button', { name: 'Unlock' }).click();
    await page.getByRole('dialog', { name: 'Unlock the account' }).getByRole('button', { name: 'Unlock' }).click();
    await page.getByText(`${noa.username} is unlocked.`).waitFor();
    await theProduct().logIn(noa.client, { username: noa.username, password: noa.password });
  });

  test('resets a password and an authenticator', async () => {
    const mia = await newPersonWithMfa();
    const { page, dialog } = await openUser(mia.username);
    await dialog.getByRole('tab', { name: 'Help and protect' }).click();
    await dialog.getByRole('button', { name: 'Turn MFA off' }).click();
    await page.getByRole('dialog', { name: 'Turn MFA off' }).getByRole('button', { name: 'Turn MFA off' }).click();
    await page.getByText(`MFA of ${mia.username} is off.`).waitFor();
    await dialog.getByRole('button', { name: 'Reset password' }).click();
    await page
      .getByRole('dialog', { name: 'Reset the password' })
      .getByRole('button', { name: 'Reset password' })
      .click();
    const temporary = (await dialog.locator('code').textContent()) ?? '';
    const { body } = await mia.client.post('/token', { username: mia.username, password: temporary });
    expect(body).toMatchObject({ mfa_required: false, token_type: 'bearer' });
  });
});
