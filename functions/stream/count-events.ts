import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { type Change, readChange } from '../../shared/data/changes.ts';
import * as counts from '../../shared/data/counts.ts';
import { pause } from '../../shared/data/table.ts';
import * as users from '../../shared/data/users.ts';
import { counting } from '../../shared/domain/policy.ts';
import { activitiesOf, placesOf, tallyWrites } from '../../shared/flows/tally-changes.ts';
import { loadFacts } from '../../shared/http/facts.ts';
import { table } from '../../shared/http/runtime.ts';
import { countMetric, log } from '../../shared/log.ts';

const batch = z.looseObject({
  // Lambda names the shard where the mapping has a tumbling window, and nowhere else.
  shardId: z.string().check(z.minLength(1)),
  Records: z.array(
    z.looseObject({ dynamodb: z.looseObject({ SequenceNumber: z.string().check(z.regex(/^\d{1,40}$/)) }) }),
  ),
});

/** A change and where it stands in its shard. */
interface Counted {
  readonly place: string;
  readonly change: Change;
}

/**
 * Adds what the table's stream tells to the counts, each change once: sums and the shard's checkpoint move in one transaction, so
 * a batch that comes again, or overlaps, adds nothing. A record that cannot be read is reported; all others are counted, before
 * it and behind it, however Lambda cuts the batch until it puts the one aside.
 */
export async function handler(event: unknown) {
  const { shardId, Records: records } = batch.parse(event);
  const deadline = AbortSignal.timeout(counting.deadlineMs);
  const changes: Counted[] = [];
  const poison: string[] = [];
  for (const record of records) {
    const sequenceNumber = record.dynamodb.SequenceNumber;
    try {
      changes.push({ place: placeOf(sequenceNumber), change: readChange(record) });
    } catch (error) {
      poison.push(sequenceNumber);
      countMetric('poisonRecords');
      log('error', 'POISON_RECORD', { shard: shardId, sequence_number: sequenceNumber }, error);
    }
  }
  for (const part of partsOf(changes)) await countOnce(shardId, part, deadline);
  // `state` is what a tumbling window asks of each answer; nothing is kept in it.
  return { state: {}, batchItemFailures: poison.map((itemIdentifier) => ({ itemIdentifier })) };
}

async function countOnce(shard: string, part: readonly Counted[], deadline: AbortSignal): Promise<void> {
  const all = part.map(({ change }) => change);
  const refs = [
    ...activitiesOf(all).map(({ day, userId }) => counts.activeRef(day, userId)),
    ...all.flatMap((change) => (change.kind === 'lock' ? [users.ref(change.userId)] : [])),
  ];
  for (let attempt = 1; ; attempt++) {
    const facts = await loadFacts(table, [counts.checkpointRef(shard), ...refs], deadline);
    const seen = facts.get(counts.checkpointRef(shard));
    const fresh = part.filter(({ place }) => seen === undefined || place > seen.last);
    const last = fresh.at(-1)?.place;
    if (last === undefined) return;
    const changes = fresh.map(({ change }) => change);
    const newlyActive = activitiesOf(changes).filter(
      ({ day, userId }) => facts.get(counts.activeRef(day, userId)) === undefined,
    );
    const writes = [
      counts.moveCheckpoint(shard, seen, last, Date.now()),
      ...tallyWrites(changes, { newlyActive, isUser: (userId) => facts.get(users.ref(userId)) !== undefined }),
    ];
    if ((await table.commit(writes, randomUUID(), deadline)) === 'committed') return;
    await pause(attempt, deadline);
  }
}

/** Cuts a batch where a commit would hold more items than a transaction takes; one of them is the checkpoint. */
function partsOf(changes: readonly Counted[]): Counted[][] {
  const parts: Counted[][] = [];
  let part: Counted[] = [];
  let places = new Set<string>();
  for (const counted of changes) {
    const own = placesOf(counted.change);
    if (new Set([...places, ...own]).size >= counting.itemsPerCommit) {
      parts.push(part);
      part = [];
      places = new Set();
    }
    part.push(counted);
    for (const place of own) places.add(place);
  }
  return part.length === 0 ? parts : [...parts, part];
}

// Sequence numbers are numbers of up to forty digits: padded, the order of text is theirs.
function placeOf(sequenceNumber: string): string {
  return sequenceNumber.padStart(40, '0');
}
