import { Paper, Skeleton, Text } from '@mantine/core';
import { lazy } from 'react';
import { type TimelineHour, useReadTimeline } from '../api/read-timeline.ts';
import { PlotFrame } from '../components/plot-frame.tsx';
import { QueryView } from '../components/query-view.tsx';
import { type TimelinePoint, toPoints } from './to-points.ts';

const AreaPlot = lazy(() => import('./area-plot.tsx'));
const plotHeight = 240;

/** Events over time, successes and failures. */
export function TimelinePlot({ hours, title }: { hours: number; title: string }) {
  const query = useReadTimeline(hours);
  return (
    <Paper p="md">
      <Text size="sm" c="dimmed" mb="sm">
        {title}
      </Text>
      <QueryView query={query} skeleton={<Skeleton height={plotHeight} />}>
        {(timeline) => <Drawing timeline={timeline} />}
      </QueryView>
    </Paper>
  );
}

function Drawing({ timeline }: { timeline: readonly TimelineHour[] }) {
  const points: readonly TimelinePoint[] = toPoints(timeline);
  return (
    <PlotFrame
      height={plotHeight}
      table={{
        caption: 'Events over time',
        columns: ['Time', 'Success', 'Failure'],
        rows: points.map(({ label, success, failure }) => [label, success, failure]),
      }}
    >
      <AreaPlot points={points} height={plotHeight} />
    </PlotFrame>
  );
}
