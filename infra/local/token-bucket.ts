/** A throttle as API Gateway has it: `rate` requests a second in the long run, `burst` at once. */
export interface Throttle {
  readonly rate: number;
  readonly burst: number;
}

/** Lets requests through while the bucket has tokens. */
export class TokenBucket {
  readonly #throttle: Throttle;
  #tokens: number;
  #filledAt: number;

  constructor(throttle: Throttle, now: number) {
    this.#throttle = throttle;
    this.#tokens = throttle.burst;
    this.#filledAt = now;
  }

  /** Takes a token for a request at `now` (milliseconds); false when there is none. */
  take(now: number): boolean {
    const { rate, burst } = this.#throttle;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1000) * rate);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
