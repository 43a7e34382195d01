import { beforeAll, describe, expect, test } from 'vitest';
import { createConfig } from '../../../../../infra/testing/otp-user.ts';
import { open } from '../../../../testing/browser.ts';
import { cameraUri } from '../../../../testing/camera-picture.ts';
import { clipboard } from '../../../../testing/clipboard.ts';
import { fillIn, headingOf } from '../../../../testing/forms.ts';
import { newPerson, type Person } from '../../../../testing/person.ts';
import { scan } from '../../../../testing/qr.ts';

describe('/otp/configs', () => {
  let ada: Person;

  beforeAll(async () => {
    ada = await newPerson();
    await createConfig(ada, { name: 'Bank', issuer: 'Nordbank' });
  });

  test('creates a configuration whose picture an app can scan', async () => {
    const page = await open('/otp/configs', { as: ada });
    await page.getByRole('button', { name: 'New configuration' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Mail');
    await dialog.getByLabel('Issuer').fill('Posthorn');
    await dialog.getByText('Algorithm, digits and tolerance').click();
    await dialog.getByLabel('Digits').selectOption('8');
    await dialog.getByRole('button', { name: 'Create' }).click();
    const picture = dialog.getByRole('img', { name: /^QR code of the secret/ });
    await picture.waitFor();
    const uri = new URL(await scan(page, 'QR code of the secret'));
    expect(uri.protocol).toBe('otpauth:');
    expect(uri.searchParams.get('digits')).toBe('8');
    await dialog.getByRole('button', { name: 'Copy secret' }).click();
    expect(uri.searchParams.get('secret')).toBe(await clipboard(page));
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('link', { name: 'Mail' }).waitFor();
  });

  test('imports pictures of QR codes, and names those that it cannot read', async () => {
    const page = await open('/otp/configs', { as: ada });
    await page.getByRole('button', { name: 'Actions for Bank' }).click();
    await page.getByRole('menuitem', { name: 'Show QR and secret' }).click();
    const photograph = await page.getByRole('img', { name: /^QR code of the secret/ }).screenshot();
    await page.keyboard.press('Escape');
    const dialog = page.getByRole('dialog', { name: 'Import' });
    await page.getByRole('button', { name: 'Import' }).click();
    await page.locator('input[type=file]').setInputFiles([
      { name: 'photograph.png', mimeType: 'image/png', buffer: photograph },
      {
        name: 'holiday.png',
        mimeType: 'image/png',
        buffer: await page.screenshot({ clip: { x: 0, y: 0, width: 90, height: 90 } }),
      },
    ]);
    await dialog.getByText('No QR code could be read in holiday.png').waitFor();
    await dialog.getByRole('button', { name: 'Check' }).click();
    await dialog.getByText('0 new, 1 already there').waitFor();
    expect(await dialog.getByRole('button', { name: 'Import 0' }).isDisabled()).toBe(true);
  });

  test('imports what is pasted, after it has shown what will become of each line', async () => {
    const page = await open('/otp/configs?import', { as: ada });
    const dialog = page.getByRole('dialog');
    await dialog
      .getByLabel('URIs')
      .fill('otpauth://totp/Shop:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Shop\notpauth://nonsense');
    await dialog.getByRole('button', { name: 'Check' }).click();
    await dialog.getByText('1 new, 1 not usable').waitFor();
    await dialog.getByRole('button', { name: 'Import 1' }).click();
    await dialog.getByText('1 imported, 1 not usable').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByText('Shop · ada').waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  test('imports what the camera sees', async () => {
    const page = await open('/otp/configs?import', { as: ada, permissions: ['camera'] });
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Use camera' }).click();
    await expect.poll(() => dialog.getByLabel('URIs').inputValue()).toBe(cameraUri);
    await dialog.getByRole('button', { name: 'Check' }).click();
    await dialog.getByRole('button', { name: 'Import 1' }).click();
    await dialog.getByText('1 imported').waitFor();
  });

  test('says what to do when the camera is refused', async () => {
    const page = await open('/otp/configs?import', {
      as: ada,
      before: (context) =>
        context.addInitScript(
          `if (globalThis.MediaDevices) MediaDevices.prototype.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); }`,
        ),
    });
    await page.getByRole('button', { name: 'Use camera' }).click();
    await page.getByText('The browser does not let this page use the camera.').waitFor();
  });

  test('hands out secrets only to those who prove who they are, for any app or as pictures', async () => {
    const page = await open('/otp/configs?export', { as: ada });
    // As if the log-in were longer ago.
    await page.route(
      '**/api/otp/export',
      (route) => {
        const body = {
          code: 'fresh_session_required',
          title: 'Fresh session required',
          detail: 'Prove it.',
          status: 403,
        };
        return route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify(body) });
      },
      { times: 1 },
    );
    await page.getByRole('dialog', { name: 'Export' }).getByRole('button', { name: 'Export' }).click();
    const proof = page.getByRole('dialog', { name: 'Confirm it is you' });
    await proof.getByLabel('Password', { exact: true }).fill('Not-the-passw0rd');
    await proof.getByRole('button', { name: 'Confirm' }).click();
    await expect.poll(() => proof.getByLabel('Password', { exact: true }).getAttribute('aria-invalid')).toBe('true');
    await proof.getByLabel('Password', { exact: true }).fill(ada.password);
    await proof.getByRole('button', { name: 'Confirm' }).click();
    const dialog = page.getByRole('dialog', { name: 'Exported' });
    await dialog.getByText(/configurations? exported/).waitFor();
    await dialog.getByRole('button', { name: 'Copy all' }).click();
    const lines = (await clipboard(page)).split('\n');
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/^otpauth:\/\/totp\//);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('otp-export.txt');
    await dialog.getByRole('button', { name: 'Done' }).click();

    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByLabel('Google Authenticator').check();
    await page.getByLabel('Only those I choose').check();
    await page.getByRole('checkbox', { name: 'Bank' }).check();
    await page.getByRole('dialog', { name: 'Export' }).getByRole('button', { name: 'Export' }).click();
    expect(await scan(page, 'QR code 1 of 1')).toMatch(/^otpauth-migration:\/\/offline/);
  });

  test('pauses, resumes, edits and deletes, the last only once the name is written out', async () => {
    await createConfig(ada, { name: 'Attic' });
    const page = await open('/otp/configs', { as: ada });
    const row = page.getByRole('row').filter({ hasText: 'Attic' });
    const act = async (name: string) => {
      await page.getByRole('button', { name: 'Actions for Attic' }).click();
      await page.getByRole('menuitem', { name }).click();
    };
    await act('Pause');
    await row.getByText('Paused').waitFor();
    await act('Resume');
    await row.getByText('Active').waitFor();

    await act('Edit');
    await fillIn(page, { Issuer: 'Loft' });
    await page.getByRole('button', { name: 'Save' }).click();
    await row.getByText('Loft').waitFor();

    await act('Show QR and secret');
    await page.getByRole('img', { name: /^QR code of the secret/ }).waitFor();
    await page.keyboard.press('Escape');

    await act('Delete');
    const confirm = page.getByRole('button', { name: /^Delete/ }).last();
    expect(await confirm.isDisabled()).toBe(true);
    await page.getByRole('dialog').getByRole('textbox').fill('Attic');
    await confirm.click();
    await row.waitFor({ state: 'detached' });
  });

  test('leads from a configuration’s own page back to the list when it is deleted', async () => {
    const { id } = await createConfig(ada, { name: 'Shed' });
    const page = await open(`/otp/generate/${id}`, { as: ada });
    await page.getByRole('button', { name: 'Actions for Shed' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('Shed');
    await page
      .getByRole('button', { name: /^Delete/ })
      .last()
      .click();
    await headingOf(page, 'Configurations');
  });
});
