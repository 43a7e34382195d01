/** The clock of the gateway: this machine's, moved by what tests ask for. */
export class Clock {
  #offsetMs = 0;
  #offsetsOf = new Map<string, number>();

  /** Moves the clock, for all clients or for one address only; 0 for one address makes it follow the common clock again. */
  move(offsetMs: number, sourceIp?: string): void {
    if (sourceIp === undefined) this.#offsetMs = offsetMs;
    else if (offsetMs === 0) this.#offsetsOf.delete(sourceIp);
    else this.#offsetsOf.set(sourceIp, offsetMs);
  }

  /** Now, in milliseconds since 1970, for a client. */
  now(sourceIp: string): number {
    return Date.now() + (this.#offsetsOf.get(sourceIp) ?? this.#offsetMs);
  }

  offsets() {
    return { offset_ms: this.#offsetMs, by_source_ip: Object.fromEntries(this.#offsetsOf) };
  }
}
