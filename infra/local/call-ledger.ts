/** One call that a function made to an AWS service. */
export interface Call {
  readonly service: 'dynamodb' | 'kms';
  readonly operation: string;
  readonly status: number;
  /** The error's name, where the service refused. */
  readonly error?: string;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly ms: number;
}

/** Who made a call, and for which request. */
export interface Caller {
  readonly function: string;
  readonly requestId: string | undefined;
}

interface Tally {
  requests: number;
  dynamodb: number;
  kms: number;
  read_units: number;
  write_units: number;
}

interface RequestCalls extends Omit<Tally, 'requests'> {
  readonly request_id: string;
  readonly function: string;
  /** From the event to the answer, and what the function's thread spent on it; there when it is answered. */
  ms?: number;
  cpu_ms?: number;
  readonly calls: object[];
}

const keptRequests = 10_000;

const nothing = () => ({ dynamodb: 0, kms: 0, read_units: 0, write_units: 0 });

/** Counts the calls of every request and of every function. Of requests the newest ten thousand are kept. */
export class CallLedger {
  #functions = new Map<string, Tally>();
  #requests = new Map<string, RequestCalls>();

  /** Opens the account of a request, so that one without any call is there too. */
  begin(requestId: string, operation: string): void {
    this.#tally(operation).requests += 1;
    this.#requests.set(requestId, { request_id: requestId, function: operation, ...nothing(), calls: [] });
    if (this.#requests.size <= keptRequests) return;
    const [oldest] = this.#requests.keys();
    if (oldest !== undefined) this.#requests.delete(oldest);
  }

  add(caller: Caller, call: Call): void {
    const { readUnits, writeUnits, ...rest } = call;
    const request = caller.requestId === undefined ? undefined : this.#requests.get(caller.requestId);
    for (const account of request ? [this.#tally(caller.function), request] : [this.#tally(caller.function)]) {
      account[call.service] += 1;
      account.read_units += readUnits;
      account.write_units += writeUnits;
    }
    // With the instant it began, on no particular clock: calls that overlap were under way at once.
    const started_ms = rounded(performance.now() - rest.ms);
    request?.calls.push({ ...rest, started_ms, read_units: readUnits, write_units: writeUnits });
  }

  /** Closes the account: how long the answer took. */
  end(requestId: string, ms: number, cpuMs: number | undefined): void {
    const request = this.#requests.get(requestId);
    if (request === undefined) return;
    request.ms = rounded(ms);
    if (cpuMs !== undefined) request.cpu_ms = rounded(cpuMs);
  }

  /** The totals of every function and the newest `limit` requests, newest last. */
  list({ limit, operation }: { limit: number; operation?: string | undefined }) {
    const wanted = [...this.#requests.values()].filter(
      (request) => (operation ?? request.function) === request.function,
    );
    return { functions: Object.fromEntries(this.#functions), requests: limit > 0 ? wanted.slice(-limit) : [] };
  }

  /** The calls of one request; nothing when it is not, or no longer, known. */
  of(requestId: string): RequestCalls | undefined {
    return this.#requests.get(requestId);
  }

  reset(): void {
    this.#functions.clear();
    this.#requests.clear();
  }

  #tally(operation: string): Tally {
    const known = this.#functions.get(operation);
    if (known !== undefined) return known;
    const tally = { requests: 0, ...nothing() };
    this.#functions.set(operation, tally);
    return tally;
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
