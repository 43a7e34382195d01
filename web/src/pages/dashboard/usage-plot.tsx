import { BarChart } from '@mantine/charts';
import '@mantine/charts/styles.layer.css';
import type { Stats } from '../../api/read-enhanced-stats.ts';
import { sayDay } from './say-day.ts';

/** Bars by the day; the default export that `lazy` asks for. */
export default function UsagePlot({ daily, height }: { daily: Stats['daily']; height: number }) {
  const data = daily.map(({ date, generations, validations, successes }) => ({
    day: sayDay(date),
    generations,
    successes,
    failures: validations - successes,
  }));
  return (
    <BarChart
      h={height}
      data={data}
      dataKey="day"
      type="stacked"
      withLegend
      // In the order of the series, not of the alphabet.
      legendProps={{ itemSorter: null }}
      accessibilityLayer={false}
      series={[
        { name: 'generations', label: 'Generated', color: 'lagoon.6' },
        { name: 'successes', label: 'Right', color: 'green.6' },
        { name: 'failures', label: 'Wrong', color: 'red.6' },
      ]}
      yAxisProps={{ allowDecimals: false, width: 36 }}
      barProps={{ isAnimationActive: false }}
      tooltipAnimationDuration={0}
    />
  );
}
