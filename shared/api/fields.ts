import * as z from 'zod/mini';
import { isUsername } from '../domain/account-name.ts';
import { account, otp, page } from '../domain/policy.ts';

/** Schemas of single fields that more than one contract uses. */

/** Where OpenAPI finds what it says of a schema beyond its shape. */
export const docs = z.globalRegistry;

export const instant = z.iso
  .datetime()
  .register(docs, { description: 'RFC 3339, UTC', example: '2026-01-31T12:00:00.000Z' });

export const userId = z
  .string()
  .check(z.regex(/^[a-z2-7]{26}$/, 'Not the id of a user'))
  .register(docs, { example: 'k5xg64tlmfzwg2dbonuxgzltoq' });

export const configId = z
  .int()
  .check(z.minimum(1), z.maximum(999_999_999))
  .register(docs, { description: 'Numbered from 1 per owner', example: 1 });

/** A configuration's id where it stands in a path or a query. */
export const configIdText = z
  .pipe(z.string().check(z.regex(/^[1-9][0-9]{0,8}$/, 'Not the id of a configuration')), z.transform(Number))
  .register(docs, { example: '1' });

/** RFC 4226 §5.3, RFC 6238 §1.2: a code is its digits, leading zeros included, never a number. */
export const otpCode = z
  .string()
  .check(z.regex(/^[0-9]{6,8}$/, 'A code is 6 to 8 ASCII digits, as a string'))
  .register(docs, { example: '081804' });

export const otpType = z.enum(['totp', 'hotp']);
export const algorithm = z.enum(['sha1', 'sha256', 'sha512']);
export const digits = z.int().check(z.minimum(otp.digits.min), z.maximum(otp.digits.max));
export const interval = z.int().check(z.minimum(otp.intervalSeconds.min), z.maximum(otp.intervalSeconds.max));
export const counter = z.int().check(z.minimum(0), z.maximum(otp.counterMax));
export const window = z.int().check(z.minimum(otp.window.min), z.maximum(otp.window.max));
export const lookAhead = z.int().check(z.minimum(otp.lookAhead.min), z.maximum(otp.lookAhead.max));

/** Text that a person typed to read it again: no control characters, so that no log or URI is broken by it. */
function readableText(min: number, max: number) {
  return z
    .string()
    .check(z.trim(), z.minLength(min), z.maxLength(max), z.regex(/^\P{C}*$/u, 'Control characters are not allowed'));
}

export const configName = readableText(1, otp.nameLength);
// VECTORS §4: neither part of a label may contain a colon.
export const issuer = readableText(0, otp.issuerLength).check(z.regex(/^[^:]*$/, 'A colon is not allowed'));
export const accountName = readableText(0, otp.accountLength).check(z.regex(/^[^:]*$/, 'A colon is not allowed'));
export const shortText = readableText(0, account.textLength);

export const username = z
  .string()
  .check(
    z.maxLength(4 * account.username.max),
    z.refine(isUsername, `${account.username.min} to ${account.username.max} letters, digits, “.”, “_” and “-”`),
  )
  .register(docs, { example: 'john_doe' });

/** A username as somebody types it to log in: any text, since an impossible name is an unknown name. */
export const claimedUsername = z.string().check(z.minLength(1), z.maxLength(200));

export const email = z
  .email('Not an e-mail address')
  .check(z.maxLength(account.emailLength))
  .register(docs, { example: 'john@example.com' });

/** The new password's rules are those of `domain/password.ts`; here only what bounds the work. */
export const newPassword = z
  .string()
  .check(z.maxLength(1000))
  .register(docs, { format: 'password', example: 'Correct-Horse-9-Battery' });
export const password = z.string().check(z.minLength(1), z.maxLength(1000)).register(docs, { format: 'password' });
/** A password as somebody types it to prove who they are: a try without one counts as a wrong one. */
export const claimedPassword = z.optional(z.string().check(z.maxLength(1000))).register(docs, {
  format: 'password',
  description: 'Required. A try without it is refused and counts as a failed one.',
});
export const mfaCode = z
  .string()
  .check(z.regex(/^[0-9]{6}$/, 'A code is 6 ASCII digits, as a string'))
  .register(docs, { example: '081804' });
export const recoveryCode = z.string().check(z.minLength(1), z.maxLength(64));

export const pageLimit = z
  ._default(z.coerce.number().check(z.int(), z.minimum(page.limit.min), z.maximum(page.limit.max)), page.limit.default)
  .register(docs, { description: 'At most so many rows' });
export const cursor = z
  .optional(z.string().check(z.minLength(1), z.maxLength(2048)))
  .register(docs, { description: 'From the “Link” header of the page before' });
export const skip = z.optional(z.coerce.number().check(z.int(), z.minimum(0), z.maximum(page.skipMax)));
export const search = z.optional(z.string().check(z.trim(), z.minLength(1), z.maxLength(page.searchLength)));
/** A truth value where it stands in a query. */
export const flagText = z.optional(
  z.pipe(
    z.enum(['true', 'false']),
    z.transform((text) => text === 'true'),
  ),
);

export const message = z.object({ message: z.string() });
