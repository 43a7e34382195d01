import { statistics } from './policy.ts';

/** What a person did with one-time passwords on one UTC day (`YYYY-MM-DD`). */
export interface DayUsage extends Usage {
  readonly date: string;
}

/** `successes` are those of the validations that were valid. */
export interface Usage {
  readonly generations: number;
  readonly validations: number;
  readonly successes: number;
}

const none: Usage = { generations: 0, validations: 0, successes: 0 };
const dayMs = 24 * 60 * 60 * 1000;

/** The UTC day of an instant. */
export function utcDate(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 10);
}

/** Today and the seven full days before it, oldest first, a day without use as zeros. */
export function dailyUsage(days: readonly DayUsage[], nowMs: number): DayUsage[] {
  return Array.from({ length: statistics.keptDays }, (_, index) => {
    const date = utcDate(nowMs - (statistics.keptDays - 1 - index) * dayMs);
    return { date, ...none, ...days.find((day) => day.date === date) };
  });
}

/** The sum over the last seven days: every UTC day that they touch counts whole. */
export function recentTotals(days: readonly DayUsage[], nowMs: number): Usage {
  return dailyUsage(days, nowMs).reduce<Usage>(add, none);
}

/** The successful part of the validations in per cent, two decimals; 0 before the first one. */
export function successRate({ validations, successes }: Pick<Usage, 'validations' | 'successes'>): number {
  return validations === 0 ? 0 : Math.round((successes / validations) * 10_000) / 100;
}

function add(left: Usage, right: Usage): Usage {
  return {
    generations: left.generations + right.generations,
    validations: left.validations + right.validations,
    successes: left.successes + right.successes,
  };
}
