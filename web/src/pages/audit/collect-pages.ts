import type { AuditFormat } from '../../api/export-audit-logs.ts';

/** The pages of an export that have come, and where the next one begins. */
export interface Collected {
  readonly parts: readonly string[];
  readonly entries: number;
  readonly next: string | undefined;
}

/** Asks for page after page until the last; of a CSV only the first page keeps its head line. */
export async function collectPages({
  from,
  format,
  askPage,
  onPage,
}: {
  from: Collected | undefined;
  format: AuditFormat;
  askPage: (cursor: string | undefined) => Promise<{ readonly text: string; readonly next: string | undefined }>;
  onPage: (collected: Collected) => void;
}): Promise<Collected> {
  let all: Collected = from ?? { parts: [], entries: 0, next: undefined };
  do {
    const { text, next } = await askPage(all.next);
    const whole = text === '' || text.endsWith('\n') ? text : `${text}\n`;
    const afterHead = format === 'csv' ? whole.slice(whole.indexOf('\n') + 1) : whole;
    all = {
      parts: [...all.parts, all.parts.length === 0 ? whole : afterHead],
      entries: all.entries + afterHead.split('\n').length - 1,
      next,
    };
    onPage(all);
  } while (all.next !== undefined);
  return all;
}
