import { encodeBase32 } from './base32.ts';
import type { OtpParameters } from './otp.ts';
import { otp } from './policy.ts';

/** What an otpauth URI carries: the secret as bytes, who issued it, for which account, and how its codes are made. */
export type OtpAccount = OtpParameters & {
  readonly secret: Uint8Array;
  readonly issuer: string;
  readonly account: string;
};

/** An account that was read, with what a person should know about it; or why it was not, in words without the secret. */
export type ReadAccount =
  | { readonly ok: true; readonly value: OtpAccount; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/** Why a URI or an entry is refused. Fixed sentences, so that none can repeat a secret. */
export const accountFaults = {
  not_otpauth: 'This is not an otpauth:// URI.',
  too_long: `The URI is longer than ${otp.uriLength} characters.`,
  type: 'Only the types totp and hotp are supported.',
  encoding: 'The percent encoding is broken.',
  secret_missing: 'The secret is missing.',
  secret_base32: 'The secret is not base32: it may hold the letters A to Z and the digits 2 to 7.',
  secret_short: `The secret is shorter than ${otp.secretBytes.minShort} bytes.`,
  secret_weak: `The secret is shorter than ${otp.secretBytes.min} bytes. Send allow_short_secret to take it all the same.`,
  secret_long: `The secret is longer than ${otp.secretBytes.max} bytes.`,
  algorithm: 'The algorithm must be SHA1, SHA256 or SHA512.',
  digits: `The number of digits must be ${otp.digits.min} to ${otp.digits.max}.`,
  period: `The period must be ${otp.intervalSeconds.min} to ${otp.intervalSeconds.max} seconds.`,
  counter_missing: 'The counter is missing.',
  counter: `The counter must be a whole number from 0 to ${otp.counterMax}.`,
  issuer_long: `The issuer is longer than ${otp.issuerLength} characters.`,
  account_long: `The account name is longer than ${otp.accountLength} characters.`,
  control: 'The issuer or the account name holds control characters.',
} as const;

/** What a person should know about an account that was read all the same. */
export const accountWarnings = {
  account_missing: 'The account has no name.',
  issuer_mismatch: 'The label and the issuer parameter name different issuers; the parameter was taken.',
  plus: 'A name holds a “+”, which was kept. Some programs write “+” for a space: did you mean a space?',
  hash: 'The URI holds a bare “#”, which was kept. It should have been written as “%23”.',
  duplicate: 'A parameter is given more than once; the first one was taken.',
  ignored: 'A parameter that has no meaning here was ignored.',
  secret_short: `The secret is shorter than the recommended ${otp.secretBytes.min} bytes.`,
  unspecified: 'The algorithm, the number of digits or the type is not said; SHA1, 6 and TOTP were taken.',
} as const;

export type AccountFault = keyof typeof accountFaults;
export type AccountWarning = keyof typeof accountWarnings;

/** The refusal of a URI or an entry. */
export function refuseAccount(fault: AccountFault): ReadAccount {
  return { ok: false, reason: accountFaults[fault] };
}

/**
 * Takes an account whose parameters are in range, once its secret and its names are so too. Where label and parameter name
 * an issuer, the parameter wins.
 */
export function admitAccount(
  parameters: OtpParameters,
  secret: Uint8Array,
  names: { readonly labelIssuer: string; readonly issuer: string; readonly account: string },
  warnings: readonly AccountWarning[],
): ReadAccount {
  const { labelIssuer, account } = names;
  const issuer = names.issuer || labelIssuer;
  if (secret.length < otp.secretBytes.minShort) return refuseAccount('secret_short');
  if (secret.length > otp.secretBytes.max) return refuseAccount('secret_long');
  if (issuer.length > otp.issuerLength) return refuseAccount('issuer_long');
  if (account.length > otp.accountLength) return refuseAccount('account_long');
  if (/\p{Cc}/u.test(`${issuer}${account}`)) return refuseAccount('control');
  const found: Partial<Record<AccountWarning, boolean>> = {
    account_missing: account === '',
    issuer_mismatch: labelIssuer !== '' && labelIssuer !== issuer,
    secret_short: secret.length < otp.secretBytes.min,
  };
  const isWarned = (warning: AccountWarning) => warnings.includes(warning) || found[warning] === true;
  return {
    ok: true,
    value: { ...parameters, secret, issuer, account },
    warnings: warningCodes.filter(isWarned).map((warning) => accountWarnings[warning]),
  };
}

/** Accounts with other parameters never make the same codes, whatever their secrets. HOTP counters move, and are left out. */
export function parametersKey(parameters: Omit<OtpParameters, 'counter'>): string {
  const interval = 'interval' in parameters ? parameters.interval : '';
  return [parameters.otp_type, parameters.algorithm, parameters.digits, interval].join(' ');
}

/** Accounts with the same key are the same source of codes. It holds the secret: to compare in memory, never to be kept. */
export function codesKey(account: Omit<OtpParameters, 'counter'> & { readonly secret: Uint8Array }): string {
  return `${parametersKey(account)} ${encodeBase32(account.secret)}`;
}

const warningCodes = Object.keys(accountWarnings).filter((code): code is AccountWarning => code in accountWarnings);
