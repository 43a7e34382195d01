import type { OtpConfig } from '../data/configs.ts';
import { encodeBase32 } from '../domain/base32.ts';
import { buildOtpauthUri } from '../domain/otpauth-uri.ts';
import { qrSvg } from '../domain/qr-svg.ts';

/** A secret as a person takes it to an authenticator: base32, otpauth URI and QR code. */
export function secretForms(config: OtpConfig, secret: Uint8Array) {
  // A label needs an account: authenticators show an entry without one as blank.
  const uri = buildOtpauthUri({
    ...config,
    account: config.account === '' ? config.name.replaceAll(':', ' ') : config.account,
    secret,
  });
  return { secret: encodeBase32(secret), otpauth_uri: uri, qr_svg: qrSvg(uri) };
}
