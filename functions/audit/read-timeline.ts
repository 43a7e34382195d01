import { readTimeline } from '../../shared/api/audit.ts';
import type { ReplyBody } from '../../shared/api/route.ts';
import * as counts from '../../shared/data/counts.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import type { Facts } from '../../shared/http/facts.ts';

const hourMs = 3_600_000;

/** GET /audit/timeline: an item an hour, as the stream's consumer counted; an hour without events as zeros. */
export const handler = endpoint(readTimeline, {
  load: ({ query, now }) => [span(query.hours, now)],
  decide: async ({ query, now }, facts) => {
    const counted = await allPages(facts, span(query.hours, now));
    const byHour = new Map(counted.map((row) => [row.hour, row]));
    return {
      reply: Array.from({ length: query.hours }, (_, at) => {
        const hour = counts.hourOf(now - (query.hours - 1 - at) * hourMs);
        return bucketOf(hour, byHour.get(hour));
      }),
    };
  },
});

function span(hours: number, now: number) {
  return counts.hours(counts.hourOf(now - (hours - 1) * hourMs), counts.hourOf(now));
}

// Of busy hours a month is a little more than one answer of the table holds.
async function allPages(facts: Facts, range: ReturnType<typeof span>): Promise<counts.Hour[]> {
  const { rows, next } = facts.page(range);
  if (next === undefined) return rows;
  const rest = { ...range, after: next };
  return [...rows, ...(await allPages(await facts.more([rest]), rest))];
}

function bucketOf(hour: string, row: counts.Hour | undefined): ReplyBody<typeof readTimeline>[number] {
  const { success = {}, failure = {} } = row ?? {};
  const actions: Record<string, number> = { ...success };
  for (const [action, amount] of Object.entries(failure)) actions[action] = (actions[action] ?? 0) + amount;
  return { hour: `${hour}:00:00.000Z`, success: total(success), failure: total(failure), actions };
}

function total(amounts: Readonly<Record<string, number>>): number {
  return Object.values(amounts).reduce((sum, amount) => sum + amount, 0);
}
