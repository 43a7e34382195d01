import { beforeAll, describe, expect, test } from 'vitest';
import { codeAtInstant } from '../../../../../infra/testing/authenticator.ts';
import { createConfig, type SharedConfig, validate } from '../../../../../infra/testing/otp-user.ts';
import { open } from '../../../../testing/browser.ts';
import { newPerson, type Person } from '../../../../testing/person.ts';

describe('/otp/validate/:id', () => {
  let ada: Person;
  let bank: SharedConfig;

  beforeAll(async () => {
    ada = await newPerson();
    bank = await createConfig(ada, { name: 'Bank', interval: 300 });
  });

  test('explains a right code, the same once more, and a wrong one', async () => {
    const page = await open(`/otp/validate/${bank.id}`, { as: ada });
    const field = page.getByLabel('Code', { exact: true });
    const code = codeAtInstant(bank.entry, Date.now(), 300);
    // Whatever is pasted around it.
    await field.fill(`${code.slice(0, 3)} ${code.slice(3)}`);
    await page.getByRole('button', { name: 'Validate' }).click();
    await page.getByText('The code is right').waitFor();
    expect(await field.inputValue()).toBe('');

    await field.fill(code);
    await page.getByText('The code is right').waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await page.getByText('The code was used before').waitFor();

    await field.fill(code === '123456' ? '654321' : '123456');
    await page.keyboard.press('Enter');
    await page.getByText('The code is wrong').waitFor();
    await page.getByText('It is not the current code, nor one of the 1 before or after it').waitFor();
  });

  test('says at the field how many digits are missing', async () => {
    const page = await open(`/otp/validate/${bank.id}`, { as: ada });
    await page.getByLabel('Code', { exact: true }).fill('12345');
    await page.keyboard.press('Enter');
    await page.getByText('Enter all 6 digits.').waitFor();
  });

  test('counts down while guessing is locked', async () => {
    const door = await createConfig(ada, { name: 'Door' });
    for (let guess = 0; guess < 10; guess++) await validate(ada, door.id, '000000');
    // A guess of the near future, so that the lock is still there when the page has loaded.
    await ada.client.moveClock(60_000);
    await validate(ada, door.id, '000000');
    await ada.client.moveClock(0);
    const page = await open(`/otp/validate/${door.id}`, { as: ada });
    await page.getByLabel('Code', { exact: true }).fill('123456');
    await page.getByRole('button', { name: 'Validate' }).click();
    await page.getByText('Locked: the code was not looked at').waitFor();
    const wait = page.getByText(/^The next try is possible in .+ s\.$/);
    const before = await wait.textContent();
    await expect.poll(() => wait.textContent()).not.toBe(before);
  });

  test('says that a paused one was not looked at', async () => {
    const attic = await createConfig(ada, { name: 'Attic' });
    await ada.client.patch(`/otp/configs/${attic.id}`, { is_active: false }, { token: ada.token });
    const page = await open(`/otp/validate/${attic.id}`, { as: ada });
    await page.getByLabel('Code', { exact: true }).fill('123456');
    await page.getByRole('button', { name: 'Validate' }).click();
    await page.getByText('Paused: the code was not looked at').waitFor();
  });
});
