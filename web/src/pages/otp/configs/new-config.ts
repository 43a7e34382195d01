import type * as z from 'zod/mini';
import type { createConfig } from '../../../../../shared/api/otp-configs.ts';
import { otp } from '../../../../../shared/domain/policy.ts';

/** What is sent to create a configuration. */
export type NewConfig = z.input<(typeof createConfig)['body']>;

/** What the form holds. */
export interface ConfigDraft {
  source: 'new' | 'secret' | 'uri';
  name: string;
  otp_type: 'totp' | 'hotp';
  issuer: string;
  account: string;
  algorithm: 'sha1' | 'sha256' | 'sha512';
  digits: string;
  // A number field that is empty, or not yet a number, holds its text.
  interval: number | string;
  window: string;
  counter: number | string;
  look_ahead: string;
  secret: string;
  otpauth_uri: string;
  allow_short_secret: boolean;
}

/** What stands in the form before anything is typed. */
export const emptyConfig: ConfigDraft = {
  source: 'new',
  name: '',
  otp_type: 'totp',
  issuer: '',
  account: '',
  algorithm: 'sha1',
  digits: String(otp.digits.default),
  interval: otp.intervalSeconds.default,
  window: String(otp.window.default),
  counter: 0,
  look_ahead: String(otp.lookAhead.default),
  secret: '',
  otpauth_uri: '',
  allow_short_secret: false,
};

/** The form's values as a request: only what belongs to the chosen source and type. */
export function newConfigOf(values: ConfigDraft): NewConfig {
  const name = values.name.trim();
  const short = values.allow_short_secret ? { allow_short_secret: true } : {};
  if (values.source === 'uri') return { otpauth_uri: values.otpauth_uri.trim(), ...(name && { name }), ...short };

  const moving =
    values.otp_type === 'totp'
      ? { interval: Number(values.interval), window: Number(values.window) }
      : { counter: Number(values.counter), look_ahead: Number(values.look_ahead) };
  return {
    name,
    otp_type: values.otp_type,
    algorithm: values.algorithm,
    digits: Number(values.digits),
    issuer: values.issuer,
    account: values.account,
    ...moving,
    ...(values.source === 'secret' && { secret: values.secret, ...short }),
  };
}
