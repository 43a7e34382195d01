import { beforeAll, describe, expect, test } from 'vitest';
import { codeAtInstant, codeOfCounter } from '../../../../../infra/testing/authenticator.ts';
import { createConfig, type SharedConfig } from '../../../../../infra/testing/otp-user.ts';
import { open } from '../../../../testing/browser.ts';
import { clipboard } from '../../../../testing/clipboard.ts';
import { headingOf } from '../../../../testing/forms.ts';
import { newPerson, type Person } from '../../../../testing/person.ts';

const spelled = (code: string) => [...code].join(' ');

describe('/otp/generate/:id', () => {
  let ada: Person;
  let bank: SharedConfig;
  let door: SharedConfig;

  beforeAll(async () => {
    ada = await newPerson();
    bank = await createConfig(ada, { name: 'Bank', interval: 300 });
    door = await createConfig(ada, { name: 'Door', otp_type: 'hotp', counter: 7, digits: 8 });
  });

  test('shows the code in two groups, what is left of its time, and the next one in the last five seconds', async () => {
    const page = await open(`/otp/generate/${bank.id}`, {
      as: ada,
      before: (context) => context.clock.install(),
    });
    await headingOf(page, 'Code of Bank');
    const at = Date.now();
    const code = codeAtInstant(bank.entry, at, 300);
    await page.getByText(spelled(code)).waitFor({ state: 'attached' });
    await page.getByText(code.slice(0, 3), { exact: true }).waitFor();
    await page.getByText(code.slice(3), { exact: true }).waitFor();
    const left = page.getByText(/^\d+ seconds left$/);
    const seconds = Number.parseInt((await left.textContent()) ?? '', 10);
    expect(Math.abs(seconds - (300 - (Math.floor(at / 1000) % 300)))).toBeLessThanOrEqual(3);
    expect(
      await page.evaluate(
        `document.querySelector('main circle').closest('[aria-live], [role=status], [role=alert], [role=timer]')`,
      ),
    ).toBe(null);

    const next = page.getByText(spelled(codeAtInstant(bank.entry, at + 300_000, 300)));
    expect(await next.count()).toBe(0);
    await page.clock.runFor((seconds - 4) * 1000);
    await next.waitFor({ state: 'attached' });
  });

  test('copies the code', async () => {
    const page = await open(`/otp/generate/${bank.id}`, { as: ada });
    await page.getByRole('button', { name: 'Copy code' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await clipboard(page)).toBe(codeAtInstant(bank.entry, Date.now(), 300));
  });

  test('moves a counter on by each press', async () => {
    const page = await open(`/otp/generate/${door.id}`, { as: ada });
    await page.getByText('Next counter: 7').waitFor();
    await page.getByRole('button', { name: 'Next code' }).click();
    await page.getByText('Code of counter 7. Next counter: 8').waitFor();
    await page.getByText(spelled(codeOfCounter(door.entry, 7))).waitFor({ state: 'attached' });
  });

  test('draws no way down for those who want no motion', async () => {
    const page = await open(`/otp/generate/${bank.id}`, { as: ada, reducedMotion: 'reduce' });
    await page.getByText(/seconds left/).waitFor({ state: 'attached' });
    const seconds = await page.evaluate<number>(
      `Math.max(...[...document.querySelectorAll('main circle')].map((circle) =>
         parseFloat(getComputedStyle(circle).transitionDuration)))`,
    );
    expect(seconds).toBeLessThan(0.001);
  });
});
