import { readUserMetrics } from '../../shared/api/otp-usage.ts';
import { successRate } from '../../shared/domain/statistics.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** GET /user/metrics: what the caller has, by kind, and how it is used; all of it stands in the meter. */
export const handler = endpoint(readUserMetrics, {
  decide: ({ caller }) => {
    const { configs, active, totp, hotp, sha1, sha256, sha512, last_used_at, ...usage } = caller.meter;
    return {
      reply: {
        configurations: { total: configs, active, by_type: { totp, hotp }, by_algorithm: { sha1, sha256, sha512 } },
        otp_usage: {
          total_generations: usage.generations,
          total_validations: usage.validations,
          successful_validations: usage.successes,
          success_rate: successRate(usage),
        },
        last_used_at: last_used_at === undefined ? null : new Date(last_used_at).toISOString(),
      },
    };
  },
});
