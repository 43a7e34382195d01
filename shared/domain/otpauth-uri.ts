import { decodeBase32, encodeBase32 } from './base32.ts';
import type { OtpAlgorithm, OtpParameters, OtpType } from './otp.ts';
import {
  type AccountFault,
  type AccountWarning,
  admitAccount,
  type OtpAccount,
  type ReadAccount,
  refuseAccount,
} from './otp-account.ts';
import { otp } from './policy.ts';

/** The key URI of an account, as every authenticator app reads it. Nothing is left out because it is a default. */
export function buildOtpauthUri(account: OtpAccount): string {
  const issuer = percentEncode(account.issuer);
  const label = issuer === '' ? percentEncode(account.account) : `${issuer}:${percentEncode(account.account)}`;
  const parameters = [
    `secret=${encodeBase32(account.secret)}`,
    ...(issuer === '' ? [] : [`issuer=${issuer}`]),
    `algorithm=${account.algorithm.toUpperCase()}`,
    `digits=${account.digits}`,
    account.otp_type === 'totp' ? `period=${account.interval}` : `counter=${account.counter}`,
  ];
  return `otpauth://${account.otp_type}/${label}?${parameters.join('&')}`;
}

/**
 * Reads a key URI (VECTORS §4) by hand: `URL` treats such hosts differently from runtime to runtime, `URLSearchParams`
 * makes a space of `+`, and both cut at a bare `#`. Numbers are strict: `30abc` is refused.
 */
export function parseOtpauthUri(text: string): ReadAccount {
  const uri = text.trim();
  if (!/^otpauth:\/\//i.test(uri)) return refuseAccount('not_otpauth');
  if (uri.length > otp.uriLength) return refuseAccount('too_long');
  const [, typeText = '', rawLabel = '', rawQuery = ''] = /^otpauth:\/\/([^/?]*)\/?([^?]*)\??(.*)$/is.exec(uri) ?? [];
  const type = typeText.toLowerCase();
  if (type !== 'totp' && type !== 'hotp') return refuseAccount('type');

  const label = readLabel(rawLabel);
  const query = readQuery(rawQuery, type);
  if (!label || !query) return refuseAccount('encoding');
  const { values } = query;
  const secretText = values.get('secret');
  if (!secretText) return refuseAccount('secret_missing');
  const secret = decodeBase32(secretText);
  if (!secret) return refuseAccount('secret_base32');
  const parameters = readParameters(type, values);
  if (typeof parameters === 'string') return refuseAccount(parameters);

  const names = { ...label.names, issuer: values.get('issuer')?.trim() ?? '' };
  const warnings = [...label.warnings, ...query.warnings];
  return admitAccount(parameters, secret, names, uri.includes('#') ? [...warnings, 'hash'] : warnings);
}

/** Splits a label at its first literal colon, else at its first encoded one; spaces before the account name are no part of it. */
function readLabel(
  raw: string,
): { names: { labelIssuer: string; account: string }; warnings: readonly AccountWarning[] } | undefined {
  const [rawIssuer, rawAccount] = splitOnce(raw, ':') ?? splitOnce(raw, /%3a/i) ?? ['', raw];
  const labelIssuer = percentDecode(rawIssuer);
  const account = percentDecode(rawAccount);
  if (labelIssuer === undefined || account === undefined) return undefined;
  // In an address such as `john+work@example.com` the plus is meant.
  const suggestsSpace = rawIssuer.includes('+') || (rawAccount.includes('+') && !account.includes('@'));
  return {
    names: { labelIssuer: labelIssuer.trim(), account: account.trim() },
    warnings: suggestsSpace ? ['plus'] : [],
  };
}

function readQuery(
  raw: string,
  type: OtpType,
): { values: ReadonlyMap<string, string>; warnings: ReadonlySet<AccountWarning> } | undefined {
  const known = ['secret', 'issuer', 'algorithm', 'digits', type === 'totp' ? 'period' : 'counter'];
  const values = new Map<string, string>();
  const warnings = new Set<AccountWarning>();
  for (const pair of raw.split('&').filter((part) => part !== '')) {
    const [rawName, rawValue] = splitOnce(pair, '=') ?? [pair, ''];
    const name = percentDecode(rawName)?.toLowerCase();
    const value = percentDecode(rawValue);
    if (name === undefined || value === undefined) return undefined;
    // `image=` is among the ignored: a picture's address is never fetched.
    if (!known.includes(name)) warnings.add('ignored');
    else if (values.has(name)) warnings.add('duplicate');
    else values.set(name, value);
    if (name === 'issuer' && rawValue.includes('+')) warnings.add('plus');
  }
  return { values, warnings };
}

function readParameters(type: OtpType, values: ReadonlyMap<string, string>): OtpParameters | AccountFault {
  const algorithm = readAlgorithm(values.get('algorithm') ?? 'SHA1');
  if (!algorithm) return 'algorithm';
  const digits = readInteger(values.get('digits') ?? String(otp.digits.default), otp.digits);
  if (digits === undefined) return 'digits';
  if (type === 'totp') {
    const interval = readInteger(values.get('period') ?? String(otp.intervalSeconds.default), otp.intervalSeconds);
    return interval === undefined ? 'period' : { otp_type: type, algorithm, digits, interval };
  }
  const counterText = values.get('counter');
  if (counterText === undefined) return 'counter_missing';
  const counter = readInteger(counterText, { min: 0, max: otp.counterMax });
  return counter === undefined ? 'counter' : { otp_type: type, algorithm, digits, counter };
}

/** `SHA1`, `sha-1`, `HmacSHA1` and so on: programs differ, none of these can mean anything else. */
function readAlgorithm(text: string): OtpAlgorithm | undefined {
  const size = /^(?:hmac[-_]?)?sha[-_]?(1|256|512)$/i.exec(text)?.[1];
  if (size === '1') return 'sha1';
  if (size === '256') return 'sha256';
  return size === '512' ? 'sha512' : undefined;
}

function readInteger(text: string, { min, max }: { readonly min: number; readonly max: number }): number | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  // Compared as an integer of any size: as a double, 2^53 + 1 would round into range.
  const value = BigInt(text);
  return value >= BigInt(min) && value <= BigInt(max) ? Number(value) : undefined;
}

function splitOnce(text: string, separator: string | RegExp): [string, string] | undefined {
  const [first] = text.split(separator, 1);
  if (first === undefined || first.length === text.length) return undefined;
  const width = typeof separator === 'string' ? separator.length : '%3a'.length;
  return [first, text.slice(first.length + width)];
}

function percentEncode(text: string): string {
  // A lone surrogate has no UTF-8 form, and `encodeURIComponent` throws on it.
  return encodeURIComponent(text.toWellFormed());
}

function percentDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
