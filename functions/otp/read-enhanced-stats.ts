import { readEnhancedStats } from '../../shared/api/otp-usage.ts';
import * as meters from '../../shared/data/meters.ts';
import { dailyUsage, recentTotals, successRate } from '../../shared/domain/statistics.ts';
import { usageTotals } from '../../shared/flows/usage-totals.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** GET /otp/stats/enhanced: the totals, and the last days one by one. */
export const handler = endpoint(readEnhancedStats, {
  decide: ({ caller, now }) => {
    const days = meters.days(caller.meter);
    const recent = recentTotals(days, now);
    return {
      reply: {
        ...usageTotals(caller.meter),
        recent_generations: recent.generations,
        recent_validations: recent.validations,
        recent_success_rate: successRate(recent),
        analysis_period: '7 days' as const,
        daily: dailyUsage(days, now),
      },
    };
  },
});
