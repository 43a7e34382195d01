import * as z from 'zod/mini';
import { otp } from '../domain/policy.ts';
import { configId, counter, docs, instant, otpCode } from './fields.ts';
import { route } from './route.ts';

export const generateCode = route({
  operation: 'otp/generate-code',
  method: 'POST',
  path: '/otp/generate',
  summary: 'The current code of a configuration; with counter_increment the next code, handed out once',
  who: 'user',
  scope: 'otp:generate',
  limit: 'generate',
  body: z.strictObject({ config_id: configId, counter_increment: z.optional(z.boolean()) }),
  reply: {
    status: 200,
    description: 'The code',
    schema: z
      .object({
        otp_code: otpCode,
        config_id: configId,
        generated_at: instant,
        remaining_seconds: z.optional(z.int()).register(docs, { description: 'TOTP: seconds until the next code' }),
        counter: z.optional(counter).register(docs, { description: 'HOTP: the counter of this code' }),
        next_counter: z.optional(counter).register(docs, { description: 'HOTP with counter_increment' }),
      })
      .register(docs, { id: 'OTPGenerateResponse' }),
  },
  problems: ['config_not_found', 'config_inactive', 'config_locked', 'config_not_hotp', 'counter_exhausted'],
  idempotency: 'sealed-otp',
});

export const validateCode = route({
  operation: 'otp/validate-code',
  method: 'POST',
  path: '/otp/validate',
  summary: 'Whether a code is right; a right code is accepted once',
  who: 'user',
  scope: 'otp:validate',
  limit: 'validate',
  body: z.strictObject({
    config_id: configId,
    otp_code: otpCode,
    counter: z
      .optional(counter)
      .register(docs, { description: 'HOTP: only this counter; can only narrow what the service would accept' }),
  }),
  reply: {
    status: 200,
    description: 'The decision',
    schema: z
      .object({
        is_valid: z.boolean(),
        config_id: configId,
        message: z.string(),
        result: z.enum(['valid', 'invalid', 'replayed', 'locked', 'inactive']),
        retry_after_seconds: z
          .optional(z.int())
          .register(docs, { description: 'With “locked”: seconds until a further try; absent: until it is unlocked' }),
      })
      .register(docs, { id: 'OTPValidateResponse' }),
  },
  problems: ['config_not_found'],
  idempotency: 'kept',
});

export const bulkGenerateCodes = route({
  operation: 'otp/bulk-generate-codes',
  method: 'POST',
  path: '/otp/bulk/generate',
  summary: 'The current codes of many configurations, in the order asked',
  who: 'user',
  scope: 'otp:generate',
  limit: 'bulk_generate',
  body: z.array(configId).check(z.minLength(1), z.maxLength(otp.bulkIds)),
  reply: {
    status: 200,
    description: 'One row for each id',
    schema: z.object({
      results: z.array(
        z.union([
          z.object({
            config_id: configId,
            success: z.literal(true),
            otp_code: otpCode,
            remaining_seconds: z.optional(z.int()),
            next_otp_code: z.optional(otpCode).register(docs, { description: 'TOTP: the code after this one' }),
            counter: z.optional(counter),
          }),
          z.object({
            config_id: configId,
            success: z.literal(false),
            error: z.enum([
              'config_not_found',
              'config_inactive',
              'config_locked',
              'counter_exhausted',
              'secret_unreadable',
            ]),
          }),
        ]),
      ),
    }),
  },
  problems: [],
  idempotency: 'sealed-otp',
});
