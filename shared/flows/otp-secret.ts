import { fail, ProblemError } from '../api/problems.ts';
import { SecretDoesNotOpen } from '../crypto/envelope.ts';
import * as configs from '../data/configs.ts';
import type { SealedSecret } from '../data/secrets.ts';
import type { Facts } from '../http/facts.ts';
import { otpBox } from '../http/key-rings.ts';
import { countMetric, log } from '../log.ts';
import { type OtpParameters, otpBinding } from './otp-binding.ts';

/** Seals a configuration's secret: it opens for this owner, this configuration and these parameters alone. */
export function sealOtpSecret(userId: string, config: OtpParameters, secret: Uint8Array): Promise<Uint8Array> {
  return otpBox.seal(secret, otpBinding(userId, config));
}

/** Why a secret is not at hand: its configuration was deleted while it was read, or it does not open. */
export type SecretLoss = 'deleted' | 'unreadable';

/**
 * Opens the secret that was read with a configuration. One that does not open is `SecretDoesNotOpen`: an error and an alarm, never
 * a wrong code. A configuration that was deleted between the reads of the two is `config_not_found`.
 */
export async function openOtpSecret(
  userId: string,
  config: configs.OtpConfig,
  secret: SealedSecret | undefined,
  facts: Facts,
): Promise<Uint8Array> {
  if (secret === undefined && (await isDeleted(userId, config, facts))) throw fail('config_not_found');
  return otpBox.open(secret?.sealed ?? new Uint8Array(), otpBinding(userId, config));
}

/** As `openOtpSecret`, for one of several: what is wrong with it keeps none of the others from being used. */
export async function openOneOfMany(
  userId: string,
  config: configs.OtpConfig,
  secret: SealedSecret | undefined,
  facts: Facts,
): Promise<Uint8Array | SecretLoss> {
  try {
    return await openOtpSecret(userId, config, secret, facts);
  } catch (error) {
    if (error instanceof ProblemError) return 'deleted';
    if (!(error instanceof SecretDoesNotOpen)) throw error;
    countMetric('unsealFailures');
    log('error', 'UNSEAL_FAILED', { config_id: config.id });
    return 'unreadable';
  }
}

// A batch is no snapshot: a deletion takes both items at once, but a read may see the one before it and the other after it.
async function isDeleted(userId: string, { id }: configs.OtpConfig, facts: Facts): Promise<boolean> {
  const ref = configs.ref(userId, id);
  return (await facts.more([ref])).get(ref) === undefined;
}
