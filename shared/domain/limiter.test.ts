import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LimitWindow, rateLimitHeaders, spend } from './limiter.ts';

const limit = { max: 3, windowSeconds: 60 };
const at = 1_700_000_000_000;

describe('spend', () => {
  it('opens a window at the first request', () => {
    expect(spend(undefined, limit, at)).toEqual({
      allowed: true,
      state: { started_ms: at, used: 1 },
      opensNewWindow: true,
      remaining: 2,
      resetSeconds: 60,
    });
  });

  it('counts up to the limit within the window', () => {
    expect(spend({ started_ms: at, used: 2 }, limit, at + 18_500)).toEqual({
      allowed: true,
      state: { started_ms: at, used: 3 },
      opensNewWindow: false,
      remaining: 0,
      resetSeconds: 42,
    });
  });

  it('refuses what is beyond, and says when to come back', () => {
    expect(spend({ started_ms: at, used: 3 }, limit, at + 59_999)).toEqual({ allowed: false, retryAfterSeconds: 1 });
    expect(spend({ started_ms: at, used: 3 }, limit, at)).toEqual({ allowed: false, retryAfterSeconds: 60 });
  });

  it('opens the next window with the first request after the end, not on the clock’s grid', () => {
    expect(spend({ started_ms: at, used: 3 }, limit, at + 60_000)).toMatchObject({
      allowed: true,
      opensNewWindow: true,
      state: { started_ms: at + 60_000, used: 1 },
    });
  });

  it('a clock that steps back re-opens nothing', () => {
    expect(spend({ started_ms: at, used: 3 }, limit, at - 3_600_000)).toEqual({
      allowed: false,
      retryAfterSeconds: 3660,
    });
  });

  it('never says longer than the window to one that is judged by an instant before it', () => {
    expect(spend({ started_ms: at, used: 1 }, limit, at - 5)).toMatchObject({ allowed: true, resetSeconds: 60 });
  });

  it('refuses at once when the limit was lowered below what is used', () => {
    expect(spend({ started_ms: at, used: 3 }, { max: 2, windowSeconds: 60 }, at + 1)).toMatchObject({ allowed: false });
  });

  it('lets at most `max` through in a window, and whoever waits as told gets through', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 30_000 }), { maxLength: 60 }), (gaps) => {
        let state: LimitWindow | undefined;
        let nowMs = at;
        const passed = new Map<number, number>();
        for (const gap of gaps) {
          nowMs += gap;
          const spending = spend(state, limit, nowMs);
          if (!spending.allowed) {
            expect(spending.retryAfterSeconds).toBeGreaterThanOrEqual(1);
            expect(spend(state, limit, nowMs + spending.retryAfterSeconds * 1000)).toMatchObject({ allowed: true });
            continue;
          }
          state = spending.state;
          passed.set(state.started_ms, (passed.get(state.started_ms) ?? 0) + 1);
          expect(spending.remaining).toBe(limit.max - state.used);
        }
        expect(Math.max(0, ...passed.values())).toBeLessThanOrEqual(limit.max);
      }),
    );
  });
});

describe('rateLimitHeaders (draft-ietf-httpapi-ratelimit-headers-10)', () => {
  const validate = { max: 20, windowSeconds: 60 };

  it('name the policy and what is left of it', () => {
    const spending = spend(undefined, validate, at);
    expect(rateLimitHeaders('validate', validate, spending)).toEqual({
      'RateLimit-Policy': '"validate";q=20;w=60',
      RateLimit: '"validate";r=19;t=60',
    });
  });

  it('say zero when a request was refused', () => {
    const spending = spend({ started_ms: at, used: 20 }, validate, at + 18_000);
    expect(rateLimitHeaders('validate', validate, spending).RateLimit).toBe('"validate";r=0;t=42');
  });
});
