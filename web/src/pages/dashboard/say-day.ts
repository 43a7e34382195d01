const day = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', timeZone: 'UTC' });

/** A UTC date as a short day: `Mon 3`. */
export function sayDay(date: string): string {
  return day.format(new Date(`${date}T00:00:00Z`));
}
