import { readSystemMetrics } from '../../shared/api/system.ts';
import * as counts from '../../shared/data/counts.ts';
import { successRate, utcDate } from '../../shared/domain/statistics.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

const hourMs = 3_600_000;

/** GET /system/metrics: sums that the stream's consumer keeps, so that reading them costs the same at any size. */
export const handler = endpoint(readSystemMetrics, {
  load: ({ now }) => [counts.totalsRef(), lastHours(now), counts.locksFrom(now)],
  decide: ({ now }, facts) => {
    const totals = facts.get(counts.totalsRef()) ?? counts.noTotals;
    const hours = facts.page(lastHours(now)).rows;
    const today = hours.filter(({ hour }) => hour.startsWith(utcDate(now)));
    const locks = facts.page(counts.locksFrom(now)).rows;
    return {
      reply: {
        users: {
          total: totals.users,
          active: totals.users_active,
          active_today: sum(today, ({ newly_active }) => newly_active),
        },
        configurations: {
          total: totals.configs,
          active: totals.configs_active,
          by_type: { totp: totals.totp, hotp: totals.hotp },
        },
        otp_usage: {
          total_generations: totals.generations,
          total_validations: totals.validations,
          success_rate: successRate(totals),
        },
        recent_activity_24h: {
          logins: sum(hours, ({ success }) => success['login'] ?? 0),
          otp_generations: sum(hours, ({ generations }) => generations),
        },
        security: {
          mfa_enabled_users: totals.users_mfa,
          locked_accounts: sum(locks, ({ locked }) => locked),
        },
        as_of: new Date(totals.as_of ?? now).toISOString(),
      },
    };
  },
});

/** The hour of `now` and the 23 before it; today is always among them. */
function lastHours(now: number) {
  return counts.hours(counts.hourOf(now - 23 * hourMs), counts.hourOf(now));
}

function sum<Row>(rows: readonly Row[], amountOf: (row: Row) => number): number {
  return rows.reduce((total, row) => total + amountOf(row), 0);
}
