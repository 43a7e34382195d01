import { randomBytes } from 'node:crypto';
import { type createConfig, otherTypeErrors } from '../api/otp-configs.ts';
import { type FieldError, fail } from '../api/problems.ts';
import type { Input } from '../api/route.ts';
import { decodeBase32 } from '../domain/base32.ts';
import { accountFaults, type OtpAccount } from '../domain/otp-account.ts';
import { parseOtpauthUri } from '../domain/otpauth-uri.ts';
import { otp } from '../domain/policy.ts';

type NewConfig = Input<typeof createConfig, 'body'>;

/** The account that a request to create a configuration describes: its secret made, given in base32, or in an otpauth URI. */
export function accountOf(body: NewConfig): OtpAccount & { readonly isExisting: boolean } {
  const { otpauth_uri: uri } = body;
  if (uri !== undefined) {
    const read = parseOtpauthUri(uri);
    if (!read.ok) throw refuse('otpauth_uri', read.reason);
    refuseShort('otpauth_uri', read.value.secret, body.allow_short_secret);
    const errors = otherTypeErrors(read.value.otp_type, body);
    if (errors.length > 0) throw fail('invalid_request', { errors });
    return { ...read.value, isExisting: true };
  }
  const algorithm = body.algorithm ?? 'sha1';
  const common = {
    algorithm,
    digits: body.digits ?? otp.digits.default,
    issuer: body.issuer ?? '',
    account: body.account ?? '',
    secret:
      body.secret === undefined
        ? randomBytes(otp.newSecretBytes[algorithm])
        : existingSecret(body.secret, body.allow_short_secret),
    isExisting: body.secret !== undefined,
  };
  return body.otp_type === 'hotp'
    ? { ...common, otp_type: 'hotp', counter: body.counter ?? 0 }
    : { ...common, otp_type: 'totp', interval: body.interval ?? otp.intervalSeconds.default };
}

function existingSecret(text: string, allowShort: boolean | undefined): Uint8Array {
  const secret = decodeBase32(text);
  if (secret === undefined) throw refuse('secret', accountFaults.secret_base32);
  if (secret.length > otp.secretBytes.max) throw refuse('secret', accountFaults.secret_long);
  refuseShort('secret', secret, allowShort);
  return secret;
}

function refuseShort(path: string, secret: Uint8Array, allowShort = false): void {
  if (secret.length < otp.secretBytes.minShort) throw refuse(path, accountFaults.secret_short);
  if (secret.length < otp.secretBytes.min && !allowShort) throw refuse(path, accountFaults.secret_weak);
}

function refuse(path: string, message: string) {
  const errors: FieldError[] = [{ path, message }];
  return fail('invalid_request', { errors });
}
