/** A line that a function wrote, or that its runtime says of it. */
export interface LogLine {
  /** Grows by one each line: `since` asks for what came after. */
  readonly sequence: number;
  readonly time: string;
  readonly function: string;
  readonly request_id: string;
  readonly stream: 'stdout' | 'stderr' | 'platform';
  readonly text: string;
}

const keptLines = 50_000;

/** Keeps the newest lines of all functions. */
export class LogBuffer {
  #lines: LogLine[] = [];
  #written = 0;
  readonly #listen: ((line: LogLine) => void) | undefined;

  constructor(listen?: (line: LogLine) => void) {
    this.#listen = listen;
  }

  /** Takes what a function wrote at once, line by line. */
  write(line: Omit<LogLine, 'sequence' | 'time'>): void {
    for (const text of line.text.split('\n')) {
      if (text === '') continue;
      const entry = { sequence: ++this.#written, time: new Date().toISOString(), ...line, text };
      this.#lines.push(entry);
      this.#listen?.(entry);
    }
    // Now and then, and many at once: shift() of a long array copies it.
    if (this.#lines.length > keptLines * 1.2) this.#lines = this.#lines.slice(-keptLines);
  }

  /** The lines after `since`, of one function or request where asked for. */
  list({
    since = 0,
    operation,
    requestId,
  }: {
    since?: number | undefined;
    operation?: string | undefined;
    requestId?: string | undefined;
  }): LogLine[] {
    return this.#lines.filter((line) => {
      return (
        line.sequence > since &&
        (operation ?? line.function) === line.function &&
        (requestId ?? line.request_id) === line.request_id
      );
    });
  }
}
