import type { SecretBinding } from '../crypto/envelope.ts';
import type { OtpConfig } from '../data/configs.ts';

/** What a secret is sealed for: with another one of these it would give other codes. */
export type OtpParameters = Pick<OtpConfig, 'id' | 'algorithm' | 'digits'> &
  ({ readonly otp_type: 'totp'; readonly interval: number } | { readonly otp_type: 'hotp' });

/** What a configuration's secret is bound to: its owner, the configuration, and the parameters. */
export function otpBinding(owner: string, config: OtpParameters): SecretBinding {
  const { id, otp_type, algorithm, digits } = config;
  const interval = config.otp_type === 'totp' ? { interval: config.interval } : {};
  return { owner, kind: 'config', item: id, parameters: { otp_type, algorithm, digits, ...interval } };
}
