import { Button, Skeleton, Text } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useMemo } from 'react';
import { serverClock, useServerSecond } from '../../../api/browser-clock.ts';
import type { OtpConfig } from '../../../api/list-configs.ts';
import { CountdownRing } from '../../../components/countdown-ring.tsx';
import { OneTimeCode } from '../../../components/one-time-code.tsx';
import { ProblemNotice } from '../../../components/problem-notice.tsx';
import { useCopy } from '../../../components/use-copy.ts';
import { codeAt } from '../../../live-codes/code-book.ts';
import { refusalWords } from '../../../live-codes/refusal-words.ts';
import { liveCodes, useLiveCodes } from '../../../live-codes/use-live-codes.ts';
import classes from './code-panel.module.css';

const nextShownSeconds = 5;

/** The live code of a time-based configuration. */
export function TotpPanel({ config }: { config: OtpConfig }) {
  const { copy, outcome } = useCopy();
  const { known, failure } = useLiveCodes(useMemo(() => [config], [config]));
  useServerSecond();
  const interval = config.interval ?? 0;
  const { code, next, refusal, remainingSeconds } = codeAt(known.get(config.id), interval, serverClock.nowMs());

  return (
    <>
      <ProblemNotice error={failure} onRetry={liveCodes.retry} />
      <div className={classes.panel}>
        <CountdownRing remainingSeconds={remainingSeconds} intervalSeconds={interval} size={88} />
        <div className={classes.code}>
          {code ? (
            <OneTimeCode code={code} size="lg" />
          ) : refusal || !config.is_active ? (
            <Text c="dimmed">{refusalWords[refusal ?? 'config_inactive']}</Text>
          ) : (
            <Skeleton height={56} width={260} />
          )}
        </div>
        <p className={classes.under}>
          {next && remainingSeconds <= nextShownSeconds && (
            <>
              Next <OneTimeCode code={next} size="sm" />
            </>
          )}
        </p>
        <Button
          disabled={!code}
          leftSection={outcome === 'copied' ? <IconCheck size={18} /> : <IconCopy size={18} />}
          onClick={() => code && void copy(code)}
        >
          {outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Not copied' : 'Copy code'}
        </Button>
      </div>
    </>
  );
}
