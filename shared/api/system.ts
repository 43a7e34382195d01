import * as z from 'zod/mini';
import { docs, instant } from './fields.ts';
import { route } from './route.ts';

export const readSystemMetrics = route({
  operation: 'system/read-metrics',
  method: 'GET',
  path: '/system/metrics',
  summary: 'The whole service in numbers, seconds behind',
  who: 'admin',
  reply: {
    status: 200,
    description: 'Metrics',
    schema: z.object({
      users: z.object({
        total: z.int(),
        active: z.int().register(docs, { description: 'Accounts that are not disabled' }),
        active_today: z
          .int()
          .register(docs, { description: 'Users who have done something that is recorded since 00:00 UTC' }),
      }),
      configurations: z.object({
        total: z.int(),
        active: z.int(),
        by_type: z.object({ totp: z.int(), hotp: z.int() }),
      }),
      otp_usage: z.object({ total_generations: z.int(), total_validations: z.int(), success_rate: z.number() }),
      recent_activity_24h: z
        .object({
          logins: z.int().register(docs, { description: 'Log-ins that gave a session' }),
          otp_generations: z
            .int()
            .register(docs, { description: 'Codes that were generated, each of a bulk request too' }),
        })
        .register(docs, { description: 'This hour and the 23 before it' }),
      security: z.object({
        mfa_enabled_users: z.int(),
        locked_accounts: z.int().register(docs, {
          description:
            'Accounts that failed log-ins have locked: from the failure that locks to the end of the minute in which the lock ends, or until it is lifted. Names that nobody has do not count.',
        }),
      }),
      as_of: instant.check(
        z.meta({
          description: 'When what was counted last happened. All numbers are exact for this moment.',
        }),
      ),
    }),
  },
  problems: [],
});
