import { beforeAll, describe, expect, test } from 'vitest';
import { authenticator } from '../../../../infra/local/testing/mfa-user.ts';
import { open } from '../../../testing/browser.ts';
import { clipboard } from '../../../testing/clipboard.ts';
import { fillIn } from '../../../testing/forms.ts';
import { newPerson, type Person, theProduct } from '../../../testing/person.ts';
import { scan } from '../../../testing/qr.ts';

describe('/settings', () => {
  let ada: Person;

  beforeAll(async () => {
    ada = await newPerson();
  });

  test('keeps the profile', async () => {
    const page = await open('/settings', { as: ada });
    await fillIn(page, { Department: 'Engines' });
    await page.getByRole('button', { name: 'Save profile' }).click();
    await page.getByText('Your profile is saved.').waitFor();
    await page.reload();
    await expect.poll(() => page.getByLabel('Department').inputValue()).toBe('Engines');
  });

  test('turns MFA on with an app, shows the recovery codes once, and turns it off again', async () => {
    const page = await open('/settings?section=mfa', { as: ada });
    await page.getByRole('button', { name: 'Turn MFA on' }).click();
    const secret = new URL(await scan(page, 'QR code of the secret')).searchParams.get('secret') ?? '';
    await page.getByLabel('Then enter the code that the app shows').fill(authenticator(secret)(Date.now()));
    await page.getByRole('button', { name: 'Turn MFA on' }).click();

    const codes = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
    await codes.first().waitFor();
    expect(await codes.count()).toBe(10);
    await page.getByRole('button', { name: 'Copy all' }).click();
    expect(await clipboard(page)).toBe((await codes.allTextContents()).join('\n'));
    const done = page.getByRole('button', { name: 'Done' });
    expect(await done.isDisabled()).toBe(true);
    await page.getByLabel('I have kept these codes').check();
    await done.click();
    await page.getByText('Log-in asks for a code of your authenticator app.').waitFor();

    await page.getByRole('button', { name: 'How many are left?' }).click();
    await page.getByText('10 codes are left.').waitFor();
    await page.getByRole('button', { name: 'Make new codes' }).click();
    await page.getByRole('button', { name: 'Replace the old codes' }).click();
    await codes.first().waitFor();
    await page.getByLabel('I have kept these codes').check();
    await done.click();

    await page.getByRole('button', { name: 'Turn MFA off' }).click();
    const dialog = page.getByRole('dialog', { name: 'Turn MFA off' });
    await dialog.getByText('the password alone opens this account').waitFor();
    await dialog.getByRole('button', { name: 'Turn MFA off' }).click();
    await page.getByText('Your password alone opens this account.').waitFor();
  });

  test('ends a session, and all others at once', async () => {
    const product = theProduct();
    const logIn = () => product.logIn(ada.client, { username: ada.username, password: ada.password });
    const [one, other, third] = [await logIn(), await logIn(), await logIn()];
    const page = await open('/settings?section=sessions', { as: ada });
    const end = page.getByRole('button', { name: /^End the session of/ });
    await end.first().waitFor();
    expect(await end.count()).toBe(3);
    await end.first().click();
    await page.getByRole('button', { name: 'End session' }).click();
    await expect.poll(() => end.count()).toBe(2);
    await page.getByRole('button', { name: 'End all others' }).click();
    await page.getByRole('button', { name: 'End 2 sessions' }).click();
    await expect.poll(() => end.count()).toBe(0);
    for (const { token } of [one, other, third])
      expect((await ada.client.get('/users/me', { token })).status).toBe(401);
  });

  test('makes an API key, shows it once, and deletes it', async () => {
    const page = await open('/settings?section=api-keys', { as: ada });
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name').fill('Shop');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('Choose what the key may do.').waitFor();
    await page.getByLabel('Generate codes').check();
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByRole('button', { name: 'Copy key' }).click();
    const key = await clipboard(page);
    expect(key).toMatch(/^otpk_/);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('never used').waitFor();
    expect(await page.getByText(key).count()).toBe(0);
    expect((await ada.client.post('/otp/bulk/generate', [1], { token: key })).status).not.toBe(401);

    await page.getByRole('button', { name: 'Delete Shop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete Shop' }).click();
    await page.getByText('No keys yet').waitFor();
    expect((await ada.client.post('/otp/bulk/generate', [1], { token: key })).status).toBe(401);
  });

  test('changes the password, and says at the field that the current one is wrong', async () => {
    const page = await open('/settings?section=password', { as: ada });
    const password = 'Correct-h0rse-battery';
    await fillIn(page, { 'Current password': 'Not-the-passw0rd', 'New password': password });
    await page.getByRole('button', { name: 'Change password' }).click();
    await expect.poll(() => page.getByLabel('Current password').getAttribute('aria-invalid')).toBe('true');
    await fillIn(page, { 'Current password': ada.password });
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Your password is changed.').waitFor();
    await theProduct().logIn(ada.client, { username: ada.username, password });
  });
});
