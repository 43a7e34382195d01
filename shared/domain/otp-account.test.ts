import { describe, expect, it } from 'vitest';
import { accountFaults, accountWarnings, admitAccount, refuseAccount } from './otp-account.ts';

const parameters = { otp_type: 'totp', algorithm: 'sha1', digits: 6, interval: 30 } as const;
const secret = new Uint8Array(20);
const names = { labelIssuer: 'Acme', issuer: 'Acme', account: 'alice' };

describe('admitAccount', () => {
  it('takes an account in range as it is', () => {
    expect(admitAccount(parameters, secret, names, [])).toEqual({
      ok: true,
      value: { ...parameters, secret, issuer: 'Acme', account: 'alice' },
      warnings: [],
    });
  });

  it('adds what it finds to the warnings that it is given, each once', () => {
    const odd = { labelIssuer: 'Old', issuer: 'New', account: '' };
    expect(admitAccount(parameters, new Uint8Array(15), odd, ['plus', 'plus', 'secret_short'])).toMatchObject({
      warnings: [
        accountWarnings.account_missing,
        accountWarnings.issuer_mismatch,
        accountWarnings.plus,
        accountWarnings.secret_short,
      ],
    });
  });

  it.each([
    [9, accountFaults.secret_short],
    [10, undefined],
    [128, undefined],
    [129, accountFaults.secret_long],
  ])('a secret of %i bytes', (length, reason) => {
    const read = admitAccount(parameters, new Uint8Array(length), names, []);
    expect(read.ok ? undefined : read.reason).toBe(reason);
  });
});

describe('refuseAccount', () => {
  it('gives the sentence of the fault', () => {
    expect(refuseAccount('digits')).toEqual({ ok: false, reason: 'The number of digits must be 6 to 8.' });
  });
});
