import * as z from 'zod/mini';
import { page } from '../domain/policy.ts';
import { configId, configIdText, cursor, docs, instant } from './fields.ts';
import { route } from './route.ts';

const stats = z.object({
  total_configs: z.int(),
  active_configs: z.int(),
  total_generations: z.int(),
  total_validations: z.int(),
  successful_validations: z.int(),
});

export const readStats = route({
  operation: 'otp/read-stats',
  method: 'GET',
  path: '/otp/stats',
  summary: 'Usage of one’s configurations, exact and immediate',
  who: 'user',
  reply: { status: 200, description: 'Totals', schema: stats.check(z.meta({ id: 'OTPStatsResponse' })) },
  problems: [],
});

export const readEnhancedStats = route({
  operation: 'otp/read-enhanced-stats',
  method: 'GET',
  path: '/otp/stats/enhanced',
  summary: 'Usage with the last seven days',
  who: 'user',
  reply: {
    status: 200,
    description: 'Totals and days',
    schema: z.extend(stats, {
      recent_generations: z.int(),
      recent_validations: z.int(),
      recent_success_rate: z.number().register(docs, { description: 'Percent of the recent validations' }),
      analysis_period: z.literal('7 days'),
      daily: z.array(z.object({ date: z.iso.date(), generations: z.int(), validations: z.int(), successes: z.int() })),
    }),
  },
  problems: [],
});

export const listRecentEvents = route({
  operation: 'otp/list-recent-events',
  method: 'GET',
  path: '/otp/events/recent',
  summary: 'One’s latest OTP events',
  who: 'user',
  query: z.strictObject({
    limit: z._default(
      z.coerce.number().check(z.int(), z.minimum(page.recent.min), z.maximum(page.recent.max)),
      page.recent.default,
    ),
    cursor,
    config_id: z.optional(configIdText),
  }),
  reply: {
    status: 200,
    description: 'Events, the newest first',
    schema: z.array(
      z.object({
        id: z.string(),
        config_id: z.nullable(configId),
        event_type: z.string(),
        is_success: z.boolean(),
        ip_address: z.string(),
        user_agent: z.nullable(z.string()),
        timestamp: instant,
      }),
    ),
  },
  problems: ['malformed_cursor'],
});

export const readUserMetrics = route({
  operation: 'user/read-metrics',
  method: 'GET',
  path: '/user/metrics',
  summary: 'One’s configurations and usage at a glance',
  who: 'user',
  reply: {
    status: 200,
    description: 'Metrics',
    schema: z.object({
      configurations: z.object({
        total: z.int(),
        active: z.int(),
        by_type: z.object({ totp: z.int(), hotp: z.int() }),
        by_algorithm: z.object({ sha1: z.int(), sha256: z.int(), sha512: z.int() }),
      }),
      otp_usage: z.object({
        total_generations: z.int(),
        total_validations: z.int(),
        successful_validations: z.int(),
        success_rate: z.number(),
      }),
      last_used_at: z.nullable(instant),
    }),
  },
  problems: [],
});
