const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** An instant as people say it; the exact time stands in its title. */
export function Moment({ at, style = 'relative' }: { at: string; style?: 'relative' | 'full' }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={full.format(date)}>
      {style === 'full' ? full.format(date) : sayWhen(date, Date.now())}
    </time>
  );
}

/** How long ago, up to a week; else the date. */
export function sayWhen(date: Date, nowMs: number): string {
  const seconds = (date.getTime() - nowMs) / 1000;
  if (Math.abs(seconds) > 7 * 86_400) return short.format(date);
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return seconds > 1 ? 'in a moment' : 'just now';
}
