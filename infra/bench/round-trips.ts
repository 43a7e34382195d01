/** A call to a service, with the instant it began on any clock. */
export interface TimedCall {
  readonly service: string;
  readonly started_ms: number;
  readonly ms: number;
}

/**
 * How often a request waited for DynamoDB: calls that were under way at the same moment are one round trip. A call that began
 * after all before it had ended is the next.
 */
export function roundTripsOf(calls: readonly TimedCall[]): number {
  let trips = 0;
  let end = Number.NEGATIVE_INFINITY;
  const inOrder = calls.filter(({ service }) => service === 'dynamodb').toSorted((a, b) => a.started_ms - b.started_ms);
  for (const { started_ms: start, ms } of inOrder) {
    if (start >= end) trips += 1;
    end = Math.max(end, start + ms);
  }
  return trips;
}
