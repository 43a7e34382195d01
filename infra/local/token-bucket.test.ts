import { describe, expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

describe('TokenBucket', () => {
  it('gives its burst at once and then its rate', () => {
    const bucket = new TokenBucket({ rate: 2, burst: 3 }, 0);
    const taken = (now: number) => bucket.take(now);
    expect([0, 0, 0, 0].map(taken)).toEqual([true, true, true, false]);
    expect([499, 500, 500].map(taken)).toEqual([false, true, false]);
    expect([1000, 1500, 2000].map(taken)).toEqual([true, true, true]);
  });

  it('never holds more than its burst', () => {
    const bucket = new TokenBucket({ rate: 100, burst: 2 }, 0);
    expect([60_000, 60_000, 60_000].map((now) => bucket.take(now))).toEqual([true, true, false]);
  });
});
