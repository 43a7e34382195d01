import { Paper, Skeleton, Stack, Text } from '@mantine/core';
import { lazy } from 'react';
import { type SystemMetrics, useReadSystemMetrics } from '../../api/read-system-metrics.ts';
import { Moment } from '../../components/moment.tsx';
import { Section } from '../../components/page.tsx';
import { PlotFrame } from '../../components/plot-frame.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { StatTile, StatTiles, StatTilesSkeleton } from '../../components/stat-tile.tsx';
import { TimelinePlot } from '../../timeline/timeline-plot.tsx';
import classes from './admin-page.module.css';

const SharesPlot = lazy(() => import('./shares-plot.tsx'));
const plotHeight = 200;
const number = new Intl.NumberFormat();

/** The whole service in numbers and plots. */
export function MetricsSection() {
  const query = useReadSystemMetrics();
  return (
    <Section
      title="Metrics"
      actions={
        query.data && (
          <Text size="sm" c="dimmed">
            As of <Moment at={query.data.as_of} />
          </Text>
        )
      }
    >
      <QueryView query={query} skeleton={<MetricsSkeleton />}>
        {(metrics) => <Metrics metrics={metrics} />}
      </QueryView>
      <TimelinePlot hours={24} title="Events of the last 24 hours" />
    </Section>
  );
}

function Metrics({ metrics }: { metrics: SystemMetrics }) {
  const { users, configurations, otp_usage, recent_activity_24h, security } = metrics;
  return (
    <Stack gap="sm">
      <StatTiles>
        <StatTile
          label="Users"
          value={number.format(users.total)}
          note={`${number.format(users.active_today)} active today`}
        />
        <StatTile
          label="Configurations"
          value={number.format(configurations.total)}
          note={`${number.format(configurations.active)} active`}
        />
        <StatTile
          label="Codes generated"
          value={number.format(otp_usage.total_generations)}
          note={`${number.format(recent_activity_24h.otp_generations)} in 24 h`}
        />
        <StatTile
          label="Codes validated"
          value={number.format(otp_usage.total_validations)}
          note={`${Math.round(otp_usage.success_rate)} % right`}
        />
        <StatTile label="Log-ins" value={number.format(recent_activity_24h.logins)} note="in 24 h" />
        <StatTile label="Locked accounts" value={number.format(security.locked_accounts)} note="now" />
      </StatTiles>
      <div className={classes.plots}>
        <SharePaper
          title="Users"
          parts={[
            { name: 'Active', value: users.active, color: 'lagoon.6' },
            { name: 'Disabled', value: users.total - users.active, color: 'gray.5' },
          ]}
        />
        <SharePaper
          title="MFA"
          parts={[
            { name: 'With MFA', value: security.mfa_enabled_users, color: 'green.6' },
            { name: 'Without', value: users.total - security.mfa_enabled_users, color: 'yellow.5' },
          ]}
        />
        <SharePaper
          title="Configurations by type"
          parts={[
            { name: 'TOTP', value: configurations.by_type.totp, color: 'lagoon.6' },
            { name: 'HOTP', value: configurations.by_type.hotp, color: 'lagoon.3' },
          ]}
        />
      </div>
    </Stack>
  );
}

function SharePaper({
  title,
  parts,
}: {
  title: string;
  parts: readonly { name: string; value: number; color: string }[];
}) {
  return (
    <Paper p="md">
      <Text size="sm" c="dimmed" mb="sm">
        {title}
      </Text>
      <PlotFrame
        height={plotHeight}
        table={{ caption: title, columns: ['Part', 'Count'], rows: parts.map(({ name, value }) => [name, value]) }}
      >
        <SharesPlot parts={parts} height={plotHeight} />
      </PlotFrame>
    </Paper>
  );
}

function MetricsSkeleton() {
  return (
    <Stack gap="sm">
      <StatTilesSkeleton count={6} withNote />
      <div className={classes.plots}>
        <Skeleton height={plotHeight + 66} />
        <Skeleton height={plotHeight + 66} />
        <Skeleton height={plotHeight + 66} />
      </div>
    </Stack>
  );
}
