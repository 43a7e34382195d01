import { Skeleton, Text } from '@mantine/core';
import { serverClock, useServerSecond } from '../api/browser-clock.ts';
import type { OtpConfig } from '../api/list-configs.ts';
import { CountdownRing } from '../components/countdown-ring.tsx';
import { OneTimeCode } from '../components/one-time-code.tsx';
import { CardWays } from './card-ways.tsx';
import { codeAt, type KnownCodes } from './code-book.ts';
import { CodeButton } from './code-button.tsx';
import classes from './code-card.module.css';
import { ConfigHeading } from './config-heading.tsx';
import { refusalWords } from './refusal-words.ts';

const nextShownSeconds = 5;

/** A time-based configuration with its live code; pressing the code copies it. */
export function TotpCard({
  config,
  known,
  failed,
}: {
  config: OtpConfig;
  known: KnownCodes | undefined;
  failed: boolean;
}) {
  useServerSecond();
  const interval = config.interval ?? 0;
  const { code, next, refusal, remainingSeconds } = codeAt(known, interval, serverClock.nowMs());

  return (
    <article className={classes.card} aria-label={config.name}>
      <ConfigHeading config={config} />
      <div className={classes.body}>
        {code ? (
          <CodeButton code={code} of={config.name} />
        ) : refusal ? (
          <Text size="sm" c="dimmed" className={classes.words}>
            {refusalWords[refusal]}
          </Text>
        ) : failed ? (
          <Text size="sm" c="dimmed" className={classes.words}>
            Waiting for the service
          </Text>
        ) : (
          <Skeleton height={34} width={150} />
        )}
        {!refusal && <CountdownRing remainingSeconds={remainingSeconds} intervalSeconds={interval} />}
      </div>
      <div className={classes.foot}>
        <span>
          {next && remainingSeconds <= nextShownSeconds && (
            <>
              Next <OneTimeCode code={next} size="sm" />
            </>
          )}
        </span>
        <CardWays config={config} />
      </div>
    </article>
  );
}
