import { randomUUID, timingSafeEqual } from 'node:crypto';
import { openWith, SecretDoesNotOpen, sealedKeyVersion, sealWith } from '../../shared/crypto/envelope.ts';
import type { Keyring } from '../../shared/crypto/keyring.ts';
import type { Ring } from '../../shared/data/key-versions.ts';
import { pause, type Table } from '../../shared/data/table.ts';
import { type ScannedTable, type SealedItem, sealedItems } from './sealed-items.ts';

/** What became of the secrets of a ring. */
export interface Rewrapped {
  /** Moved to the current version. */
  moved: number;
  /** Were of the current version already. */
  current: number;
  /** Were deleted or sealed anew by somebody else meanwhile: nothing was lost, and nothing is left to do. */
  changed: number;
  /** Do not open: left as they are, each told by name. */
  unreadable: string[];
}

export interface RewrapOptions {
  readonly keyring: Keyring;
  /** Stops after what is under way. */
  readonly signal: AbortSignal;
  /** Hears the counts after each page. */
  readonly onPage?: (counts: Rewrapped) => void;
}

// Enough to keep the table busy without being in the way of those whom it serves.
const atOnce = 8;
const deadlineMs = 30_000;

/**
 * Seals every secret of a ring anew that is sealed under an old version. It can be stopped at any point and run again: what is of
 * the current version is passed over, and each secret is replaced in one conditional write, after what will be written was opened
 * and is the same. The product serves meanwhile; what it still seals under a version before is moved by the next run.
 */
export async function rewrapSecrets(at: ScannedTable, ring: Ring, options: RewrapOptions): Promise<Rewrapped> {
  const counts: Rewrapped = { moved: 0, current: 0, changed: 0, unreadable: [] };
  const { version } = await options.keyring.current();
  for await (const page of sealedItems(at, ring)) {
    const left = [...page];
    const work = async () => {
      for (let item = left.shift(); item !== undefined && !options.signal.aborted; item = left.shift()) {
        await moveOne(at.table, item, version, options.keyring, counts);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    options.onPage?.(counts);
    if (options.signal.aborted) break;
  }
  return counts;
}

/** How many secrets of a ring are sealed under each version; under 0 those that have not even the form of one. */
export async function countByVersion(at: ScannedTable, ring: Ring): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for await (const page of sealedItems(at, ring)) {
    for (const { sealed } of page) {
      const version = versionOf(sealed);
      counts.set(version, (counts.get(version) ?? 0) + 1);
    }
  }
  return counts;
}

function versionOf(sealed: Uint8Array): number {
  try {
    return sealedKeyVersion(sealed);
  } catch (error) {
    if (error instanceof SecretDoesNotOpen) return 0;
    throw error;
  }
}

async function moveOne(table: Table, item: SealedItem, version: number, keyring: Keyring, counts: Rewrapped) {
  try {
    if (sealedKeyVersion(item.sealed) >= version) {
      counts.current += 1;
      return;
    }
    const sealed = await sealAnew(item, keyring);
    if (await replace(table, item, sealed)) counts.moved += 1;
    else counts.changed += 1;
  } catch (error) {
    if (!(error instanceof SecretDoesNotOpen)) throw error;
    counts.unreadable.push(item.name);
  }
}

async function sealAnew({ sealed, binding }: SealedItem, keyring: Keyring): Promise<Uint8Array> {
  const plaintext = await openWith(keyring, sealed, binding);
  const anew = await sealWith(keyring, plaintext, binding);
  const opened = await openWith(keyring, anew, binding);
  const isSame = opened.length === plaintext.length && timingSafeEqual(opened, plaintext);
  plaintext.fill(0);
  opened.fill(0);
  if (!isSame) throw new Error('what was sealed anew does not open to the same');
  return anew;
}

/** Whether the secret was still the one that was opened, and is replaced. */
async function replace(table: Table, { reseal }: SealedItem, sealed: Uint8Array): Promise<boolean> {
  const deadline = AbortSignal.timeout(deadlineMs);
  for (let attempt = 1; ; attempt++) {
    const outcome = await table.commit([reseal(sealed)], randomUUID(), deadline);
    if (outcome !== 'conflict') return outcome === 'committed';
    await pause(attempt, deadline);
  }
}
