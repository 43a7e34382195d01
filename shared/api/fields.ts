import * as z from 'zod';
import { isUsername } from '../domain/account-name.ts';
import { account, otp, page } from '../domain/policy.ts';

/** Schemas of single fields that more than one contract uses. */

export const instant = z.iso.datetime().meta({ description: 'RFC 3339, UTC', example: '2026-01-31T12:00:00.000Z' });

export const userId = z
  .string()
  .regex(/^[a-z2-7]{26}$/, 'Not the id of a user')
  .meta({ example: 'k5xg64tlmfzwg2dbonuxgzltoq' });

export const configId = z.int().min(1).max(999_999_999).meta({ description: 'Numbered from 1 per owner', example: 1 });

/** A configuration's id where it stands in a path or a query. */
export const configIdText = z
  .string()
  .regex(/^[1-9][0-9]{0,8}$/, 'Not the id of a configuration')
  .transform(Number)
  .meta({ example: '1' });

/** RFC 4226 §5.3, RFC 6238 §1.2: a code is its digits, leading zeros included, never a number. */
export const otpCode = z
  .string()
  .regex(/^[0-9]{6,8}$/, 'A code is 6 to 8 ASCII digits, as a string')
  .meta({ example: '081804' });

export const otpType = z.enum(['totp', 'hotp']);
export const algorithm = z.enum(['sha1', 'sha256', 'sha512']);
export const digits = z.int().min(otp.digits.min).max(otp.digits.max);
export const interval = z.int().min(otp.intervalSeconds.min).max(otp.intervalSeconds.max);
export const counter = z.int().min(0).max(otp.counterMax);
export const window = z.int().min(otp.window.min).max(otp.window.max);
export const lookAhead = z.int().min(otp.lookAhead.min).max(otp.lookAhead.max);

/** Text that a person typed to read it again: no control characters, so that no log or URI is broken by it. */
function readableText(min: number, max: number) {
  return z
    .string()
    .trim()
    .min(min)
    .max(max)
    .regex(/^\P{C}*$/u, 'Control characters are not allowed');
}

export const configName = readableText(1, otp.nameLength);
// VECTORS §4: neither part of a label may contain a colon.
export const issuer = readableText(0, otp.issuerLength).regex(/^[^:]*$/, 'A colon is not allowed');
export const accountName = readableText(0, otp.accountLength).regex(/^[^:]*$/, 'A colon is not allowed');
export const shortText = readableText(0, account.textLength);

export const username = z
  .string()
  .max(4 * account.username.max)
  .refine(isUsername, `${account.username.min} to ${account.username.max} letters, digits, “.”, “_” and “-”`)
  .meta({ example: 'john_doe' });

/** A username as somebody types it to log in: any text, since an impossible name is an unknown name. */
export const claimedUsername = z.string().min(1).max(200);

export const email = z.email('Not an e-mail address').max(account.emailLength).meta({ example: 'john@example.com' });

/** The new password's rules are those of `domain/password.ts`; here only what bounds the work. */
export const newPassword = z.string().max(1000).meta({ format: 'password', example: 'Correct-Horse-9-Battery' });
export const password = z.string().min(1).max(1000).meta({ format: 'password' });
/** A password as somebody types it to prove who they are: a try without one counts as a wrong one. */
export const claimedPassword = z
  .string()
  .max(1000)
  .optional()
  .meta({ format: 'password', description: 'Required. A try without it is refused and counts as a failed one.' });
export const mfaCode = z
  .string()
  .regex(/^[0-9]{6}$/, 'A code is 6 ASCII digits, as a string')
  .meta({ example: '081804' });
export const recoveryCode = z.string().min(1).max(64);

export const pageLimit = z.coerce
  .number()
  .int()
  .min(page.limit.min)
  .max(page.limit.max)
  .default(page.limit.default)
  .meta({ description: 'At most so many rows' });
export const cursor = z
  .string()
  .min(1)
  .max(2048)
  .optional()
  .meta({ description: 'From the “Link” header of the page before' });
export const skip = z.coerce.number().int().min(0).max(page.skipMax).optional();
export const search = z.string().trim().min(1).max(page.searchLength).optional();
/** A truth value where it stands in a query. */
export const flagText = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional();

export const message = z.object({ message: z.string() });
