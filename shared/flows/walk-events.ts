import * as events from '../data/events.ts';
import type { RangeRef } from '../data/table.ts';
import { eventWalk } from '../domain/policy.ts';
import type { Facts } from '../http/facts.ts';

/** Which events are wanted, and from where. */
export interface Walk {
  /** One for each partition that holds some of them; together they hold all. */
  readonly strands: readonly ((span: events.EventSpan) => RangeRef<events.AuditEvent>)[];
  /** Whether rows are left out as they are read. */
  readonly isFiltered: boolean;
  /** The first place that counts. */
  readonly from: string;
  /** Only events before this place: where the page before ended. */
  readonly before: string;
  /** So many are left out first. */
  readonly skip: number;
  readonly count: number;
}

/** A page of events, the newest first. Short, or empty, where the work of one request ended: then `next` goes on. */
export interface EventPage {
  readonly rows: readonly events.AuditEvent[];
  readonly next: { readonly before: string; readonly skip: number } | undefined;
}

/**
 * Walks back through events that lie in several partitions, merged by time. Of what was read only the part counts above which
 * every strand is known: below it a strand that was not read so far could hold a newer one.
 */
export async function walkEvents(facts: Facts, walk: Walk): Promise<EventPage> {
  const { strands, from, skip, count } = walk;
  const wanted = skip + count;
  const found: events.AuditEvent[] = [];
  const rounds = eventWalk.rounds + Math.ceil(wanted / eventWalk.rowsMax);
  let before = walk.before;
  for (let round = 0; round < rounds && found.length <= wanted; round++) {
    const isOver = before <= from || strands.length === 0;
    const read = isOver ? { rows: [], floor: undefined } : await readRound(facts, walk, before);
    found.push(...read.rows);
    if (read.floor === undefined && found.length <= wanted) return { rows: found.slice(skip), next: undefined };
    before = read.floor ?? from;
  }
  const last = found[wanted - 1];
  const next =
    last !== undefined && found.length > wanted
      ? { before: events.placeOf(last), skip: 0 }
      : { before, skip: Math.max(0, skip - found.length) };
  return { rows: found.slice(skip, wanted), next };
}

/** The events below a place down to `floor`, under which something may not have been read; none: to the end. */
async function readRound(facts: Facts, walk: Walk, before: string) {
  const { strands, isFiltered, from, skip, count } = walk;
  const share = Math.ceil((skip + count) / strands.length) + eventWalk.spareRows;
  const limit = isFiltered ? eventWalk.rowsMax : Math.min(eventWalk.rowsMax, share);
  const refs = strands.map((strand) => strand({ from, to: before, limit }));
  const read = await facts.more(refs);
  const pages = refs.map((ref) => read.page(ref));
  const ends = pages.flatMap(({ next }) => (next === undefined ? [] : [events.placeOfKey(next)]));
  const floor = ends.sort().at(-1);
  const rows = pages
    .flatMap((page) => page.rows.map((row) => ({ row, place: events.placeOf(row) })))
    // A range includes both its ends, a page not the row at which the one before ended.
    .filter(({ place }) => place < before && (floor === undefined || place >= floor))
    .sort((one, other) => (one.place < other.place ? 1 : -1))
    .map(({ row }) => row);
  return { rows, floor };
}
