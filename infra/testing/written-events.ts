import { randomBytes } from 'node:crypto';
import * as events from '../../shared/data/events.ts';
import { newId } from '../../shared/domain/ids.ts';
import { operatorOf } from '../local/testing/operator-of.ts';
import type { ConnectedProduct } from '../local/testing.ts';

/** What an event of a test is about; the rest is made up. */
export type WrittenEvent = Partial<events.AuditEvent> & Pick<events.AuditEvent, 'at'>;

// As many as a transaction takes.
const atOnce = 100;
const keptDays = 10_000;

/** Writes events as endpoints do, past the API: for the many that a test of reading needs. */
export async function writeEvents(product: ConnectedProduct, written: readonly WrittenEvent[]): Promise<void> {
  const { table } = operatorOf(product);
  const writes = written.map((event) =>
    events.record(
      event.user_id ?? 'nobody',
      {
        id: newId(10),
        action: 'otp_generate',
        resource: 'otp_config',
        status: 'success',
        ip_address: '192.0.2.1',
        request_id: 'a request',
        details: {},
        ...event,
      },
      keptDays,
    ),
  );
  for (let from = 0; from < writes.length; from += atOnce) {
    const part = writes.slice(from, from + atOnce);
    const outcome = await table.commit(part, randomBytes(16).toString('hex'), AbortSignal.timeout(20_000));
    if (outcome !== 'committed') throw new Error(`The table did not take the events: ${JSON.stringify(outcome)}`);
  }
}

/** Whose hours are quiet; one product runs for all tests. Each has a decade of its own. */
const decades = ['entries', 'filters', 'pages', 'export', 'timeline'] as const;

/** The beginning of an hour, years ahead, in which nothing happens but what one test lets happen there, nor in the weeks before. */
export function quietHour(of: (typeof decades)[number]): number {
  const hour = 3_600_000;
  const hoursAhead = 24 * 365 * 10 * (1 + decades.indexOf(of));
  return (Math.floor(Date.now() / hour) + hoursAhead) * hour;
}
