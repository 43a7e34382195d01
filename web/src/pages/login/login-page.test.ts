import { beforeAll, describe, expect, test } from 'vitest';
import { seedAdministrator } from '../../../../infra/testing/seeded-user.ts';
import { open } from '../../../testing/browser.ts';
import { fillIn, headingOf } from '../../../testing/forms.ts';
import { newPerson, newPersonWithMfa, type Person, theProduct, triedAgain } from '../../../testing/person.ts';

describe('/login', () => {
  let ada: Person;

  beforeAll(async () => {
    ada = await newPerson();
  });

  test('asks for name and password and goes on to the page that was asked for', async () => {
    const page = await open('/settings?section=sessions');
    await fillIn(page, { Username: ada.username, Password: ada.password });
    await page.getByRole('button', { name: 'Log in' }).click();
    await headingOf(page, 'Settings');
    expect(new URL(page.url()).search).toBe('?section=sessions');
  });

  test('is passed by those whose cookie still holds a session', async () => {
    const page = await open('/login', { as: ada });
    await headingOf(page, 'Dashboard');
  });

  test('says in the service’s words that the password is wrong', async () => {
    const page = await open('/login');
    await fillIn(page, { Username: ada.username, Password: 'Not-the-passw0rd' });
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').getByText('username, password or code').waitFor();
    expect(await page.getByLabel('Username').inputValue()).toBe(ada.username);
  });

  test('asks those with MFA for a code, which is sent as soon as it is whole', async () => {
    const mia = await newPersonWithMfa();
    const page = await open('/login');
    await fillIn(page, { Username: mia.username, Password: mia.password });
    await page.getByRole('button', { name: 'Log in' }).click();
    await headingOf(page, 'Second step');
    await page.getByLabel('Code from your authenticator app').fill(mia.wrongCode());
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Code from your authenticator app').fill(mia.code(1));
    await headingOf(page, 'Dashboard');
  });

  test('takes a recovery code in place of the app', async () => {
    const mia = await newPersonWithMfa();
    const page = await open('/login');
    await fillIn(page, { Username: mia.username, Password: mia.password });
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await fillIn(page, { 'Recovery code': String(mia.recoveryCodes[0]) });
    await page.getByRole('button', { name: 'Log in' }).click();
    await headingOf(page, 'Dashboard');
  });

  test('counts down while a name is locked', async () => {
    const noa = await newPerson();
    for (let failure = 0; failure < 5; failure++)
      await noa.client.post('/token', { username: noa.username, password: 'Not-the-passw0rd' });
    const page = await open('/login');
    await fillIn(page, { Username: noa.username, Password: noa.password });
    await page.getByRole('button', { name: 'Log in' }).click();
    const button = page.getByRole('button', { name: /^Wait 14 min \d\d s$/ });
    await button.waitFor();
    expect(await button.isDisabled()).toBe(true);
    const before = await button.textContent();
    await expect.poll(() => page.getByRole('button', { name: /^Wait/ }).textContent()).not.toBe(before);
  });

  test('leads whoever got a temporary password to choose another before anything else', async () => {
    const [admin, eve] = [await seedAdministrator(theProduct()), await newPerson()];
    const temporary = await triedAgain(async () => {
      const path = `/users/${eve.user.id}/password-reset`;
      const { status, body } = await admin.client.post(path, undefined, { token: admin.token });
      if (status !== 200) throw new Error(`POST ${path}: ${status}`);
      return String(body.temporary_password);
    });
    const page = await open('/dashboard');
    await fillIn(page, { Username: eve.username, Password: temporary });
    await page.getByRole('button', { name: 'Log in' }).click();
    await headingOf(page, 'Choose a new password');
    await page.goto('/otp/configs');
    await headingOf(page, 'Choose a new password');
    await fillIn(page, { 'Current password': temporary, 'New password': 'Correct-h0rse-battery' });
    await page.getByRole('button', { name: 'Change password' }).click();
    await headingOf(page, 'Configurations');
  });
});
