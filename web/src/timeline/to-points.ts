import type { TimelineHour } from '../api/read-timeline.ts';

/** One point of the plot. */
export interface TimelinePoint {
  readonly label: string;
  readonly success: number;
  readonly failure: number;
}

// Beyond so many hours a plot is drawn by the day, else its points are closer than pixels.
const hoursByHour = 72;
const hourly = new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit' });
const daily = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** Hours as points: each for itself, or those of one local day together. */
export function toPoints(timeline: readonly TimelineHour[]): TimelinePoint[] {
  const format = timeline.length > hoursByHour ? daily : hourly;
  const points = new Map<string, TimelinePoint>();
  for (const { hour, success, failure } of timeline) {
    const label = format.format(new Date(hour));
    const sum = points.get(label);
    points.set(label, {
      label,
      success: success + (sum?.success ?? 0),
      failure: failure + (sum?.failure ?? 0),
    });
  }
  return [...points.values()];
}
