import { SecretDoesNotOpen } from '../crypto/envelope.ts';
import type { OtpConfig } from '../data/configs.ts';
import type { SealedSecret } from '../data/secrets.ts';
import { otpBox } from '../http/key-rings.ts';
import { countMetric, log } from '../log.ts';

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

/** As `openOtpSecret`, but one that does not open is `undefined` and an alarm: it never keeps the others from being used. */
export async function openIfIntact(
  userId: string,
  config: OtpConfig,
  secret: SealedSecret | undefined,
): Promise<Uint8Array | undefined> {
  try {
    return await openOtpSecret(userId, config, secret);
  } catch (error) {
    if (!(error instanceof SecretDoesNotOpen)) throw error;
    countMetric('unsealFailures');
    log('error', 'UNSEAL_FAILED', { config_id: config.id });
    return undefined;
  }
}

function bindingOf(owner: string, config: Parameters) {
  const { id, otp_type, algorithm, digits } = config;
  const interval = config.otp_type === 'totp' ? { interval: config.interval } : {};
  return { owner, kind: 'config', item: id, parameters: { otp_type, algorithm, digits, ...interval } };
}
