import type { User } from '../data/users.ts';
import { encodeBase32 } from '../domain/base32.ts';
import { newId } from '../domain/ids.ts';
import { buildOtpauthUri } from '../domain/otpauth-uri.ts';
import { mfa } from '../domain/policy.ts';
import { qrSvg } from '../domain/qr-svg.ts';
import { secureRandom } from '../domain/random.ts';
import { mfaBox } from '../http/key-rings.ts';
import { mfaBinding } from './mfa-binding.ts';

const factorIdBytes = 16;

/** A new MFA secret: sealed for its user, and as the user takes it to an authenticator. */
export async function newMfaSecret({ id, username }: Pick<User, 'id' | 'username'>) {
  const secret = secureRandom(mfa.secretBytes);
  const factorId = newId(factorIdBytes);
  const uri = buildOtpauthUri({
    otp_type: 'totp',
    algorithm: mfa.algorithm,
    digits: mfa.digits,
    interval: mfa.intervalSeconds,
    issuer: mfa.issuer,
    account: username,
    secret,
  });
  return {
    factorId,
    sealed: await mfaBox.seal(secret, mfaBinding(id, factorId)),
    forms: { mfa_uri: uri, mfa_secret: encodeBase32(secret), qr_svg: await qrSvg(uri) },
  };
}
