import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { codeAtInstant, codeOfCounter } from '../../../../infra/testing/authenticator.ts';
import { createConfig, type SharedConfig } from '../../../../infra/testing/otp-user.ts';
import { open } from '../../../testing/browser.ts';
import { clipboard } from '../../../testing/clipboard.ts';
import { newPerson, type Person } from '../../../testing/person.ts';

/** The bulk questions that a page asks, as the ids that they name. */
function bulkQuestions(page: Page): number[][] {
  const asked: number[][] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/otp/bulk/generate') asked.push(request.postDataJSON());
  });
  return asked;
}

/** A period whose end is far: one that began a minute or two ago. */
const interval =
  Array.from({ length: 100 }, (_, index) => 300 - index).find((seconds) => {
    const phase = (Date.now() / 1000) % seconds;
    return phase > 30 && phase < 90;
  }) ?? 300;

describe('/dashboard', () => {
  let ada: Person;
  let bank: SharedConfig;
  let mail: SharedConfig;
  let door: SharedConfig;

  beforeAll(async () => {
    ada = await newPerson();
    bank = await createConfig(ada, { name: 'Bank', issuer: 'Nordbank', interval });
    mail = await createConfig(ada, { name: 'Mail', algorithm: 'sha512', digits: 8, interval });
    door = await createConfig(ada, { name: 'Door', otp_type: 'hotp', counter: 41 });
  });

  test('shows all live codes, for which it asks one question', async () => {
    const page = await open('/otp/configs', { as: ada });
    const asked = bulkQuestions(page);
    await page.getByRole('link', { name: 'Dashboard', exact: true }).click();
    for (const name of ['Bank', 'Mail']) await page.getByRole('button', { name: `Copy the code of ${name}` }).waitFor();
    await page.waitForLoadState('networkidle');
    expect(asked.map((ids) => ids.toSorted())).toEqual([[bank.id, mail.id]]);
  });

  test('copies a code and says so, and names its digits one by one', async () => {
    const page = await open('/dashboard', { as: ada });
    const button = page.getByRole('button', { name: 'Copy the code of Mail' });
    await button.click();
    const copied = await clipboard(page);
    expect(copied).toBe(codeAtInstant(mail.entry, Date.now(), interval));
    await page.getByText('Copied').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: `Copy the code of Mail: ${[...copied].join(' ')}` }).waitFor();
  });

  test('hands out the codes of a counter one by one', async () => {
    const page = await open('/dashboard', { as: ada });
    await page.getByText('Counter 41').waitFor();
    for (const counter of [41, 42]) {
      await page.getByRole('button', { name: 'Next code of Door' }).click();
      await page.getByText(`Code of counter ${counter}`).waitFor();
      const digits = [...codeOfCounter(door.entry, counter)].join(' ');
      await page.getByRole('button', { name: `Copy the code of Door: ${digits}` }).waitFor();
    }
  });

  test('finds codes as one types', async () => {
    const page = await open('/dashboard', { as: ada });
    await page.getByRole('article', { name: 'Mail' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('nordb');
    await page.getByRole('article', { name: 'Mail' }).waitFor({ state: 'detached' });
    await page.getByRole('article', { name: 'Bank' }).waitFor();
    await page.keyboard.type('xyz');
    await page.getByText('Nothing found').waitFor();
  });
});
