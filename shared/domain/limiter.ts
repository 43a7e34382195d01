import type { Limit } from './policy.ts';

/** One fixed window of one limit, as it is stored: when its first request came and how many were let through. */
export interface LimitWindow {
  readonly started_ms: number;
  readonly used: number;
}

/** The answer for one request: the window to store, or how long to wait. A refused request costs nothing. */
export type Spending =
  | {
      readonly allowed: true;
      readonly state: LimitWindow;
      /** The stored window, if any, is over: it must be replaced, not counted up. */
      readonly opensNewWindow: boolean;
      readonly remaining: number;
      readonly resetSeconds: number;
    }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

/** Spends one request of a limit. A clock that stepped back stays in the window it finds, so it re-opens nothing. */
export function spend(
  stored: LimitWindow | undefined,
  { max, windowSeconds }: Pick<Limit, 'max' | 'windowSeconds'>,
  nowMs: number,
): Spending {
  const windowMs = windowSeconds * 1000;
  const isOver = stored === undefined || nowMs >= stored.started_ms + windowMs;
  const { started_ms, used } = isOver ? { started_ms: nowMs, used: 0 } : stored;
  const resetSeconds = Math.ceil((started_ms + windowMs - nowMs) / 1000);
  if (used >= max) return { allowed: false, retryAfterSeconds: resetSeconds };
  return {
    allowed: true,
    state: { started_ms, used: used + 1 },
    opensNewWindow: isOver,
    remaining: max - used - 1,
    // Of requests at once the one that opened the window may be the one of the later instant.
    resetSeconds: Math.min(windowSeconds, resetSeconds),
  };
}

/** The two fields of draft-ietf-httpapi-ratelimit-headers-10 for one limit, after one request was spent or refused. */
export function rateLimitHeaders(
  name: string,
  { max, windowSeconds }: Pick<Limit, 'max' | 'windowSeconds'>,
  spending: Spending,
): { 'RateLimit-Policy': string; RateLimit: string } {
  const [remaining, resetSeconds] = spending.allowed
    ? [spending.remaining, spending.resetSeconds]
    : [0, spending.retryAfterSeconds];
  return {
    'RateLimit-Policy': `"${name}";q=${max};w=${windowSeconds}`,
    RateLimit: `"${name}";r=${remaining};t=${resetSeconds}`,
  };
}
