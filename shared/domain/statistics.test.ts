import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DayUsage, dailyUsage, recentTotals, successRate, utcDate } from './statistics.ts';

const nowMs = Date.parse('2026-03-10T12:00:00Z');
const dayMs = 86_400_000;

describe('recentTotals', () => {
  it('sums today and the seven days before', () => {
    const days = [0, 6, 7, 8].map((ago) => ({
      date: utcDate(nowMs - ago * dayMs),
      generations: 10 ** (3 - Math.min(ago, 3)),
      validations: 1,
      successes: 1,
    }));
    expect(recentTotals(days, nowMs)).toEqual({ generations: 1002, validations: 3, successes: 3 });
  });

  it('leaves out days of the future', () => {
    const days = [{ date: '2026-03-11', generations: 1, validations: 1, successes: 1 }];
    expect(recentTotals(days, nowMs)).toEqual({ generations: 0, validations: 0, successes: 0 });
  });

  it('counts each act of the last seven days, at whatever hour it came', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 7 * dayMs }), { maxLength: 50 }), fc.nat({ max: dayMs }), (agos, shift) => {
        const end = nowMs + shift;
        const acts = Map.groupBy(agos, (ago) => utcDate(end - ago));
        const days = [...acts].map(([date, { length }]): DayUsage => {
          return { date, generations: length, validations: 0, successes: 0 };
        });
        expect(recentTotals(days, end).generations).toBe(agos.length);
      }),
    );
  });
});

describe('dailyUsage', () => {
  it('gives eight days up to today, oldest first, unused ones as zeros', () => {
    const days = dailyUsage([{ date: '2026-03-05', generations: 4, validations: 3, successes: 2 }], nowMs);
    expect(days.map((day) => day.date)).toEqual(
      ['03', '04', '05', '06', '07', '08', '09', '10'].map((day) => `2026-03-${day}`),
    );
    expect(days[2]).toEqual({ date: '2026-03-05', generations: 4, validations: 3, successes: 2 });
    expect(days[7]).toEqual({ date: '2026-03-10', generations: 0, validations: 0, successes: 0 });
  });
});

describe('successRate', () => {
  it.each([
    [0, 0, 0],
    [4, 3, 75],
    [3, 1, 33.33],
    [3, 2, 66.67],
    [5, 5, 100],
  ])('of %i validations with %i successes is %d', (validations, successes, rate) => {
    expect(successRate({ validations, successes })).toBe(rate);
  });
});
