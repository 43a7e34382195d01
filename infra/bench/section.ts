/** One part of the bench: what was measured, as people read it and as programs do, and what is over its budget. */
export interface Section {
  readonly title: string;
  /** Tables and remarks, in the order to be printed. */
  readonly texts: readonly string[];
  readonly data: unknown;
  /** Each a sentence that names what is over which budget. */
  readonly faults: readonly string[];
}
