import { describe, expect, it } from 'vitest';
import type { Invoked } from './function-instance.ts';
import { type BatchOptions, deliver, type FailedBatch, type StreamRecord } from './stream-batch.ts';

const records = (count: number): StreamRecord[] =>
  Array.from({ length: count }, (_, at) => ({ sequenceNumber: String(at), event: { at } }));

/** Delivers to a function that fails at some records, and tells what it saw. */
async function run(count: number, answer: (ats: number[]) => Invoked, options: Partial<BatchOptions> = {}) {
  const seen: number[][] = [];
  const failed: FailedBatch[] = [];
  await deliver(records(count), {
    operation: 'stream/count-items',
    bisects: false,
    reportsItemFailures: true,
    maxRetries: 2,
    invoke: async (event) => {
      const ats: number[] = Object(event).Records.map((record: { at: number }) => record.at);
      seen.push(ats);
      return answer(ats);
    },
    onFailed: (batch) => failed.push(batch),
    signal: new AbortController().signal,
    pauseMs: () => 0,
    ...options,
  });
  return { seen, failed };
}

const fine: Invoked = { ok: true, payload: '{"batchItemFailures":[]}' };
const broken: Invoked = { ok: false, errorType: 'TypeError', errorMessage: 'poison' };
const failedAt = (...ats: number[]): Invoked => ({
  ok: true,
  payload: JSON.stringify({ batchItemFailures: ats.map((at) => ({ itemIdentifier: String(at) })) }),
});

describe('deliver', () => {
  it('hands over a batch once when all goes well', async () => {
    expect(await run(3, () => fine)).toEqual({ seen: [[0, 1, 2]], failed: [] });
    expect((await run(0, () => fine)).seen).toEqual([]);
  });

  it('names the shard where there is a tumbling window, and wants a state back', async () => {
    const events: unknown[] = [];
    const window = { shard: 'shardId-1', seconds: 900 };
    const invoke = (payload: string) => async (event: unknown) => {
      events.push(event);
      return { ok: true, payload } as const;
    };
    await run(1, () => fine, { window, invoke: invoke('{"state":{},"batchItemFailures":[]}') });
    expect(events).toMatchObject([{ shardId: 'shardId-1', state: {}, Records: [{ at: 0 }] }]);
    const { failed } = await run(1, () => fine, { window, maxRetries: 0, invoke: invoke('{"batchItemFailures":[]}') });
    expect(failed).toMatchObject([{ records: 1, error: 'the answer has no state' }]);
  });

  it('goes on from the first record that is reported as failed', async () => {
    let isFirst = true;
    const { seen, failed } = await run(4, () => {
      const answer = isFirst ? failedAt(3, 2) : fine;
      isFirst = false;
      return answer;
    });
    expect(seen).toEqual([
      [0, 1, 2, 3],
      [2, 3],
    ]);
    expect(failed).toEqual([]);
  });

  it('takes a report of a record that was not in the batch for the failure of all', async () => {
    const { seen } = await run(2, (ats) => (ats.length === 2 ? failedAt(99) : fine), { maxRetries: 1 });
    expect(seen).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it('halves a batch until the poison stands alone, and gives up that record only', async () => {
    const { seen, failed } = await run(8, (ats) => (ats.includes(5) ? broken : fine), { bisects: true });
    expect(failed).toMatchObject([
      {
        function: 'stream/count-items',
        condition: 'RetryAttemptsExhausted',
        attempts: 3,
        first_sequence_number: '5',
        last_sequence_number: '5',
        records: 1,
        error: 'TypeError: poison',
      },
    ]);
    const done = seen.filter((ats) => !ats.includes(5)).flat();
    expect(done.toSorted()).toEqual([0, 1, 2, 3, 4, 6, 7]);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(seen.filter((ats) => ats.join() === '5')).toHaveLength(3);
  });

  it('gives up a whole batch that may not be halved', async () => {
    const { seen, failed } = await run(3, () => broken);
    expect(seen).toHaveLength(3);
    expect(failed).toMatchObject([{ records: 3, attempts: 3 }]);
  });

  it('takes an answer for success where no failures are reported', async () => {
    expect((await run(2, () => failedAt(0), { reportsItemFailures: false })).seen).toEqual([[0, 1]]);
  });

  it('tries for ever where the mapping says so, until it is ended', async () => {
    const ending = new AbortController();
    let tries = 0;
    const endless = run(
      1,
      () => {
        tries += 1;
        if (tries === 20) ending.abort();
        return broken;
      },
      { maxRetries: -1, signal: ending.signal },
    );
    await expect(endless).rejects.toThrow();
    expect(tries).toBe(20);
  });
});
