import { DonutChart } from '@mantine/charts';
import '@mantine/charts/styles.layer.css';
import { getThemeColor, useMantineTheme } from '@mantine/core';
import classes from './admin-page.module.css';

const number = new Intl.NumberFormat();

/** Parts of a whole as a ring; the default export that `lazy` asks for. */
export default function SharesPlot({
  parts,
  height,
}: {
  parts: readonly { name: string; value: number; color: string }[];
  height: number;
}) {
  const theme = useMantineTheme();
  const size = height - 60;
  return (
    <div className={classes.shares}>
      <DonutChart
        data={[...parts]}
        size={size}
        thickness={size / 7}
        paddingAngle={2}
        withTooltip={false}
        accessibilityLayer={false}
        chartLabel={number.format(parts.reduce((sum, { value }) => sum + value, 0))}
        pieProps={{ isAnimationActive: false, rootTabIndex: -1 }}
      />
      <ul className={classes.legend}>
        {parts.map(({ name, value, color }) => (
          <li key={name} className={classes.part}>
            <span className={classes.swatch} style={{ background: getThemeColor(color, theme) }} />
            {name} {number.format(value)}
          </li>
        ))}
      </ul>
    </div>
  );
}
