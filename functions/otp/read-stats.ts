import { readStats } from '../../shared/api/otp-usage.ts';
import { usageTotals } from '../../shared/flows/usage-totals.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** GET /otp/stats: what the caller's meter says, which every request reads anyway. */
export const handler = endpoint(readStats, {
  decide: ({ caller }) => ({ reply: usageTotals(caller.meter) }),
});
