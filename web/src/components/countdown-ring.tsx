import { VisuallyHidden } from '@mantine/core';
import classes from './countdown-ring.module.css';

const endingSeconds = 5;

/** How much of a period is left. No live region: a screen reader says it when asked, not every second. */
export function CountdownRing({
  remainingSeconds,
  intervalSeconds,
  size = 40,
}: {
  remainingSeconds: number;
  intervalSeconds: number;
  size?: number;
}) {
  const radius = size / 2 - size / 16;
  return (
    <span className={classes.ring} data-ending={remainingSeconds <= endingSeconds || undefined}>
      <svg aria-hidden="true" width={size} height={size} viewBox={`0 0 ${size} ${size}`}>
        <circle className={classes.track} cx={size / 2} cy={size / 2} r={radius} strokeWidth={size / 12} />
        <circle
          className={classes.rest}
          // A new period begins full at once; only the way down is drawn out.
          data-full={remainingSeconds === intervalSeconds || undefined}
          cx={size / 2}
          cy={size / 2}
          r={radius}
          strokeWidth={size / 12}
          pathLength={intervalSeconds}
          strokeDasharray={intervalSeconds}
          strokeDashoffset={intervalSeconds - remainingSeconds}
          transform={`rotate(-90 ${size / 2} ${size / 2})`}
        />
      </svg>
      <span aria-hidden className={classes.seconds} data-size={size >= 64 ? 'large' : undefined}>
        {remainingSeconds}
      </span>
      <VisuallyHidden>{remainingSeconds} seconds left</VisuallyHidden>
    </span>
  );
}
