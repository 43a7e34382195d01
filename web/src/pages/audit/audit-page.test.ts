import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { createConfig, validate } from '../../../../infra/testing/otp-user.ts';
import { seedAdministrator } from '../../../../infra/testing/seeded-user.ts';
import { open } from '../../../testing/browser.ts';
import { newPerson, type Person, theProduct } from '../../../testing/person.ts';

describe('/audit', () => {
  let admin: Person;
  let ada: Person;

  beforeAll(async () => {
    admin = { ...(await seedAdministrator(theProduct())) };
    ada = await newPerson();
    const { id } = await createConfig(ada);
    // More than one page of entries, all of one person.
    for (let turn = 0; turn < 60; turn++) await validate(ada, id, '000000');
  });

  test('filters by person, action and result, in an address that can be sent to a colleague', async () => {
    const page = await open('/audit', { as: admin });
    await page.getByRole('combobox', { name: 'User' }).fill(ada.username);
    await page.getByRole('option', { name: ada.username }).click();
    await page.getByLabel('Action').selectOption('otp_validate');
    await page.getByLabel('Result').selectOption('failure');
    const rows = page.getByRole('row').filter({ hasText: ada.username });
    await expect.poll(() => rows.count()).toBeGreaterThan(40);
    // A list that the last choice replaces may be the one that is asked to go on: then the new one is asked, too.
    const older = page.getByRole('button', { name: 'Show older' });
    const goOn = async () => {
      if ((await older.isVisible()) && (await older.isEnabled())) await older.click();
      return rows.count();
    };
    await expect.poll(goOn, { interval: 500 }).toBe(60);
    expect(await page.getByRole('row').filter({ hasText: 'Code validation' }).count()).toBe(60);

    await page.reload();
    await rows.first().waitFor();
    expect(await page.getByRole('combobox', { name: 'User' }).inputValue()).toBe(ada.username);
    await page.getByRole('button', { name: 'Details of Code validation' }).first().click();
    await page.getByText('otp_validate', { exact: true }).waitFor();

    await page.getByLabel('Result').selectOption('success');
    await page.getByText('No entries').waitFor();
  });

  test('exports what the filter lets through as one file, however many pages it has', async () => {
    const page = await open(`/audit?user_id=${ada.user.id}&action=otp_validate`, { as: admin });
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('dialog').getByRole('button', { name: 'Export' }).click(),
    ]);
    await page.getByText('60 entries, saved as a file.').waitFor();
    expect(download.suggestedFilename()).toBe('audit.csv');
    const lines = (await text(await download.createReadStream())).trimEnd().split('\n');
    expect(lines).toHaveLength(61);
    expect(lines[0]).toContain('action');
    for (const line of lines.slice(1)) expect(line).toContain('otp_validate');
  });

  test('draws the timeline of a day, a week or a month', async () => {
    await theProduct().streamIsRead();
    const page = await open('/audit', { as: admin });
    const table = page.getByRole('table', { name: 'Events over time' });
    await page.locator('.recharts-area-area').first().waitFor();
    expect(await table.getByRole('row').count()).toBe(25);
    const [answer] = await Promise.all([
      page.waitForResponse(/\/api\/audit\/timeline\?hours=720/),
      page.getByLabel('Span of the timeline').selectOption('720'),
    ]);
    expect(answer.status()).toBe(200);
    await page.locator('.recharts-area-area').first().waitFor();
  });
});
