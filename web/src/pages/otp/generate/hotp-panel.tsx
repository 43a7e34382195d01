import { Button, Group, Text } from '@mantine/core';
import { IconCheck, IconCopy, IconPlayerTrackNext } from '@tabler/icons-react';
import type { OtpConfig } from '../../../api/list-configs.ts';
import { OneTimeCode } from '../../../components/one-time-code.tsx';
import { ProblemNotice, useRefusalWait } from '../../../components/problem-notice.tsx';
import { useCopy } from '../../../components/use-copy.ts';
import { useNextCode } from '../../../live-codes/use-next-code.ts';
import classes from './code-panel.module.css';

/** The codes of a counter-based configuration, one a press. */
export function HotpPanel({ config }: { config: OtpConfig }) {
  const { next, issued, error, isPending } = useNextCode(config.id);
  const { copy, outcome } = useCopy();
  const wait = useRefusalWait(error);

  return (
    <>
      <ProblemNotice error={error} />
      <div className={classes.panel}>
        <div className={classes.code}>
          {issued ? <OneTimeCode code={issued.otp_code} size="lg" /> : <Text c="dimmed">No code handed out yet</Text>}
        </div>
        <p className={classes.under}>
          {issued?.counter !== undefined && `Code of counter ${issued.counter}. `}
          Next counter: {issued?.next_counter ?? config.counter}
        </p>
        <Group justify="center">
          <Button
            leftSection={<IconPlayerTrackNext size={18} />}
            loading={isPending}
            disabled={wait > 0 || !config.is_active}
            onClick={next}
          >
            Next code
          </Button>
          <Button
            variant="default"
            disabled={!issued}
            leftSection={outcome === 'copied' ? <IconCheck size={18} /> : <IconCopy size={18} />}
            onClick={() => issued && void copy(issued.otp_code)}
          >
            {outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Not copied' : 'Copy code'}
          </Button>
        </Group>
        <Text size="sm" c="dimmed" ta="center" maw="32rem">
          Each press hands out the next code and moves the counter on. A code is never handed out twice.
        </Text>
      </div>
    </>
  );
}
