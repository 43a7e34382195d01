import { AreaChart } from '@mantine/charts';
import '@mantine/charts/styles.layer.css';
import type { TimelinePoint } from './to-points.ts';

/** Successes and failures over time; the default export that `lazy` asks for. */
export default function AreaPlot({ points, height }: { points: readonly TimelinePoint[]; height: number }) {
  return (
    <AreaChart
      h={height}
      data={points.map((point) => ({ ...point }))}
      dataKey="label"
      curveType="monotone"
      withLegend
      // In the order of the series, not of the alphabet.
      legendProps={{ itemSorter: null }}
      accessibilityLayer={false}
      withDots={false}
      series={[
        { name: 'success', label: 'Success', color: 'lagoon.6' },
        { name: 'failure', label: 'Failure', color: 'red.6' },
      ]}
      yAxisProps={{ allowDecimals: false, width: 36 }}
      areaProps={{ isAnimationActive: false }}
      tooltipAnimationDuration={0}
    />
  );
}
