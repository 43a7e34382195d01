import * as z from 'zod';
import { instant } from './fields.ts';
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
      users: z.object({ total: z.int(), active: z.int(), active_today: z.int() }),
      configurations: z.object({
        total: z.int(),
        active: z.int(),
        by_type: z.object({ totp: z.int(), hotp: z.int() }),
      }),
      otp_usage: z.object({ total_generations: z.int(), total_validations: z.int(), success_rate: z.number() }),
      recent_activity_24h: z.object({ logins: z.int(), otp_generations: z.int() }),
      security: z.object({ mfa_enabled_users: z.int(), locked_accounts: z.int() }),
      as_of: instant,
    }),
  },
  problems: [],
});
