/** A cell: numbers stand on the right, text on the left. */
export type Cell = string | number;

/** Lines of a table: titles, a rule, rows. A column is aligned as its first filled cell is; an empty cell is a dash. */
export function formatTable(titles: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => titles.map((_, at) => textOf(row[at] ?? '')));
  const isNumeric = titles.map((_, at) => {
    const first = rows.map((row) => row[at] ?? '').find((cell) => cell !== '');
    return typeof first === 'number' || /^[$~]?[\d.,]+( ?[×%a-zA-Z]+)?$/.test(first ?? '');
  });
  const widths = titles.map((title, at) => Math.max(title.length, ...texts.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, at) =>
      isNumeric[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
    );
    return `  ${padded.join('  ')}`.trimEnd();
  };
  return [line(titles), line(widths.map((width) => '─'.repeat(width))), ...texts.map(line)].join('\n');
}

function textOf(cell: Cell): string {
  if (cell === '') return '–';
  return typeof cell === 'number' ? String(Math.round(cell * 100) / 100) : cell;
}
