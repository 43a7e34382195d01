import type { OtpConfig } from '../data/configs.ts';
import { encodeBase32 } from '../domain/base32.ts';
import type { OtpAccount } from '../domain/otp-account.ts';
import { buildOtpauthUri } from '../domain/otpauth-uri.ts';
import { qrSvg } from '../domain/qr-svg.ts';

/** A configuration as an authenticator keeps it. An entry without an account would be shown as blank: then it is the name. */
export function accountToShow(config: OtpConfig, secret: Uint8Array): OtpAccount {
  return { ...config, account: config.account === '' ? config.name.replaceAll(':', ' ') : config.account, secret };
}

/** A secret as a person takes it to an authenticator: base32, otpauth URI and QR code. */
export async function secretForms(config: OtpConfig, secret: Uint8Array) {
  const uri = buildOtpauthUri(accountToShow(config, secret));
  return { secret: encodeBase32(secret), otpauth_uri: uri, qr_svg: await qrSvg(uri) };
}
