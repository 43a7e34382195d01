import { setTimeout as wait } from 'node:timers/promises';
import type { Invoked } from './function-instance.ts';
import { isRecord, type JsonRecord, listOf, parseJson } from './json.ts';

/** A record of the stream as Lambda hands it on. */
export interface StreamRecord extends JsonRecord {
  readonly sequenceNumber: string;
  readonly event: JsonRecord;
}

/** A part of a batch that was given up, as the failure queue gets it. */
export interface FailedBatch {
  readonly function: string;
  readonly condition: 'RetryAttemptsExhausted';
  readonly time: string;
  readonly attempts: number;
  readonly first_sequence_number: string;
  readonly last_sequence_number: string;
  readonly records: number;
  readonly error: string;
}

export interface BatchOptions {
  readonly operation: string;
  readonly bisects: boolean;
  readonly reportsItemFailures: boolean;
  /** Of a mapping with tumbling windows: the shard, which Lambda names only there, and the windows' length. */
  readonly window?: { readonly shard: string; readonly seconds: number } | undefined;
  /** -1: for ever. */
  readonly maxRetries: number;
  readonly invoke: (event: unknown) => Promise<Invoked>;
  readonly onFailed: (failed: FailedBatch) => void;
  /** Ends the tries: the records stay unread. */
  readonly signal: AbortSignal;
  /** Pause before the n-th further try. */
  readonly pauseMs?: (attempt: number) => number;
}

// Lambda's own pauses grow to minutes; nobody waits so long at a laptop.
const laptopPauseMs = (attempt: number) => Math.min(1000, 50 * 2 ** (attempt - 1));

/**
 * Hands records to the function until each is done or given up, as Lambda's poller does: what failed is tried again from
 * the first failed record on, halved where the mapping says so, and put aside when its tries are used up.
 */
export async function deliver(records: readonly StreamRecord[], options: BatchOptions, attempt = 1): Promise<void> {
  const { signal, pauseMs = laptopPauseMs } = options;
  if (records.length === 0) return;
  const outcome = await tryOnce(records, options);
  if (outcome.done === records.length) return;

  await wait(pauseMs(attempt), undefined, { signal });
  // What comes after a checkpoint is a batch of its own, its tries counted anew.
  if (outcome.done > 0) return deliver(records.slice(outcome.done), options);
  // Halving is no try: else a poison record in a large batch would take others with it.
  if (options.bisects && records.length > 1) {
    const half = Math.ceil(records.length / 2);
    await deliver(records.slice(0, half), options, attempt);
    return deliver(records.slice(half), options, attempt);
  }
  if (options.maxRetries >= 0 && attempt > options.maxRetries) return giveUp(records, attempt, outcome.error, options);
  return deliver(records, options, attempt + 1);
}

/** How many records, from the first on, are done with. */
async function tryOnce(
  records: readonly StreamRecord[],
  { invoke, reportsItemFailures, window, signal }: BatchOptions,
) {
  signal.throwIfAborted();
  const invoked = await invoke({ Records: records.map(({ event }) => event), ...(window && windowFields(window)) });
  if (!invoked.ok) return { done: 0, error: `${invoked.errorType}: ${invoked.errorMessage}` };
  const answer = parseJson(invoked.payload);
  if (window && !(isRecord(answer) && isRecord(answer.state))) return { done: 0, error: 'the answer has no state' };
  if (!reportsItemFailures) return { done: records.length, error: '' };

  const failures = isRecord(answer) ? listOf(answer.batchItemFailures ?? undefined) : [];
  const failed = failures.map((failure) => (isRecord(failure) ? failure.itemIdentifier : undefined));
  const at = failed.map((identifier) => records.findIndex(({ sequenceNumber }) => sequenceNumber === identifier));
  // Lambda takes an identifier that it does not know for the failure of the whole batch.
  const done = at.includes(-1) ? 0 : Math.min(records.length, ...at);
  return { done, error: 'reported as failed' };
}

// Windows are of the wall clock here; nothing is kept from one batch of a window to the next, and none is told to have ended.
function windowFields({ shard, seconds }: NonNullable<BatchOptions['window']>): JsonRecord {
  const start = Math.floor(Date.now() / 1000 / seconds) * seconds;
  const [from, to] = [start, start + seconds].map((time) => new Date(time * 1000).toISOString());
  const state = { state: {}, isFinalInvokeForWindow: false, isWindowTerminatedEarly: false };
  return { shardId: shard, window: { start: from, end: to }, ...state };
}

function giveUp(
  records: readonly StreamRecord[],
  attempts: number,
  error: string,
  { operation, onFailed }: BatchOptions,
): void {
  onFailed({
    function: operation,
    condition: 'RetryAttemptsExhausted',
    time: new Date().toISOString(),
    attempts,
    first_sequence_number: records[0]?.sequenceNumber ?? '',
    last_sequence_number: records.at(-1)?.sequenceNumber ?? '',
    records: records.length,
    error,
  });
}
