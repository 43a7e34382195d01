import type { OtpConfig } from '../data/configs.ts';
import type { SealedSecret } from '../data/secrets.ts';
import { otpBox } from '../http/key-rings.ts';

type Parameters = Pick<OtpConfig, 'id' | 'algorithm' | 'digits'> &
  ({ readonly otp_type: 'totp'; readonly interval: number } | { readonly otp_type: 'hotp' });

/** Seals a configuration's secret: it opens for this owner, this configuration and these parameters alone. */
export function sealOtpSecret(userId: string, config: Parameters, secret: Uint8Array): Promise<Uint8Array> {
  return otpBox.seal(secret, bindingOf(userId, config));
}

/**
 * Opens a configuration's secret. A configuration without one, or with one that does not open, is `SecretDoesNotOpen`: an error
 * and an alarm, never a wrong code.
 */
export function openOtpSecret(
  userId: string,
  config: OtpConfig,
  secret: SealedSecret | undefined,
): Promise<Uint8Array> {
  return otpBox.open(secret?.sealed ?? new Uint8Array(), bindingOf(userId, config));
}

function bindingOf(owner: string, config: Parameters) {
  const { id, otp_type, algorithm, digits } = config;
  const interval = config.otp_type === 'totp' ? { interval: config.interval } : {};
  return { owner, kind: 'config', item: id, parameters: { otp_type, algorithm, digits, ...interval } };
}
