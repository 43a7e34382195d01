import { Paper, Skeleton, Stack, Text } from '@mantine/core';
import { lazy } from 'react';
import { type Stats, useReadEnhancedStats } from '../../api/read-enhanced-stats.ts';
import { Section } from '../../components/page.tsx';
import { PlotFrame } from '../../components/plot-frame.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { StatTile, StatTiles, StatTilesSkeleton } from '../../components/stat-tile.tsx';
import { sayDay } from './say-day.ts';

const UsagePlot = lazy(() => import('./usage-plot.tsx'));
const plotHeight = 220;
const number = new Intl.NumberFormat();

/** How much the codes were used, in total and by the day. */
export function UsageSection() {
  const query = useReadEnhancedStats();
  return (
    <Section title="Usage">
      <QueryView query={query} skeleton={<UsageSkeleton />}>
        {(stats) => <Usage stats={stats} />}
      </QueryView>
    </Section>
  );
}

function Usage({ stats }: { stats: Stats }) {
  return (
    <Stack gap="sm">
      <StatTiles>
        <StatTile
          label="Configurations"
          value={number.format(stats.total_configs)}
          note={`${number.format(stats.active_configs)} active`}
        />
        <StatTile
          label="Generated"
          value={number.format(stats.total_generations)}
          note={`${number.format(stats.recent_generations)} in 7 days`}
        />
        <StatTile
          label="Validated"
          value={number.format(stats.total_validations)}
          note={`${number.format(stats.recent_validations)} in 7 days`}
        />
        <StatTile
          label="Success rate"
          value={stats.recent_validations === 0 ? '–' : `${Math.round(stats.recent_success_rate)} %`}
          note="in 7 days"
        />
      </StatTiles>
      <Paper p="md">
        <Text size="sm" c="dimmed" mb="sm">
          Last seven days
        </Text>
        <PlotFrame
          height={plotHeight}
          table={{
            caption: 'Usage by the day',
            columns: ['Day', 'Generated', 'Right', 'Wrong'],
            rows: stats.daily.map(({ date, generations, validations, successes }) => [
              sayDay(date),
              generations,
              successes,
              validations - successes,
            ]),
          }}
        >
          <UsagePlot daily={stats.daily} height={plotHeight} />
        </PlotFrame>
      </Paper>
    </Stack>
  );
}

function UsageSkeleton() {
  return (
    <Stack gap="sm">
      <StatTilesSkeleton count={4} withNote />
      <Skeleton height={plotHeight + 68} />
    </Stack>
  );
}
