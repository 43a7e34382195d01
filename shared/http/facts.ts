import type { ItemRef, Range, RangeRef, Table } from '../data/table.ts';
import { nameOf } from '../data/table.ts';

/** Something that an endpoint wants to read before it decides. */
export type Ref = ItemRef | RangeRef;

/** What was read, by the reference that asked for it. */
export interface Facts {
  /** The item, or undefined where there is none. It must have been asked for. */
  get<T>(ref: ItemRef<T>): T | undefined;
  /** The page of a range; it must have been asked for. */
  page<T>(ref: RangeRef<T>): Range<T>;
  /** Reads on: what to read next follows from what was read. */
  more(refs: readonly Ref[]): Promise<Facts>;
}

/** Reads items in one BatchGetItem, strongly consistent, and ranges beside it. */
export async function loadFacts(table: Table, refs: readonly Ref[], deadline: AbortSignal): Promise<Facts> {
  const itemRefs = refs.filter((ref): ref is ItemRef => 'key' in ref);
  const rangeRefs = refs.filter((ref): ref is RangeRef => 'partition' in ref);
  const [items, pages] = await Promise.all([
    itemRefs.length === 0
      ? new Map<string, Record<string, unknown>>()
      : table.readItems(
          itemRefs.map((ref) => ref.key),
          deadline,
        ),
    Promise.all(rangeRefs.map(async (ref) => [rangeName(ref), await table.readRange(ref, deadline)] as const)),
  ]);
  const asked = new Set(itemRefs.map((ref) => nameOf(ref.key)));
  const pageByName = new Map(pages);
  return {
    get(ref) {
      const name = nameOf(ref.key);
      if (!asked.has(name)) throw new Error(`an item was not asked for: ${ref.key.pk.split('#')[0]}`);
      const item = items.get(name);
      return item && ref.schema.parse(item);
    },
    page<T>(ref: RangeRef<T>) {
      const page = pageByName.get(rangeName(ref));
      if (page === undefined) throw new Error(`a range was not asked for: ${ref.partition.split('#')[0]}`);
      // Read by the same reference, so parsed by the same schema.
      return page as Range<T>;
    },
    more: (next) => loadFacts(table, next, deadline),
  };
}

function rangeName({ schema: _, ...where }: RangeRef): string {
  return JSON.stringify(where);
}
