import { Button, Text } from '@mantine/core';
import type { OtpConfig } from '../api/list-configs.ts';
import { Declined } from '../api/problem.ts';
import { CardWays } from './card-ways.tsx';
import { CodeButton } from './code-button.tsx';
import classes from './code-card.module.css';
import { ConfigHeading } from './config-heading.tsx';
import { useNextCode } from './use-next-code.ts';

/** A counter-based configuration: each press hands out the next code, once. */
export function HotpCard({ config }: { config: OtpConfig }) {
  const { next, issued, error, isPending } = useNextCode(config.id);

  return (
    <article className={classes.card} aria-label={config.name}>
      <ConfigHeading config={config} />
      <div className={classes.body}>
        {issued ? (
          <CodeButton code={issued.otp_code} of={config.name} />
        ) : (
          <Text size="sm" c="dimmed" className={classes.words}>
            Counter {config.counter}
          </Text>
        )}
        <Button
          variant="default"
          size="xs"
          onClick={next}
          loading={isPending}
          aria-label={`Next code of ${config.name}`}
        >
          Next code
        </Button>
      </div>
      <div className={classes.foot}>
        <span role={error ? 'alert' : undefined}>
          {error && !(error instanceof Declined)
            ? error.message
            : issued?.counter !== undefined && `Code of counter ${issued.counter}`}
        </span>
        <CardWays config={config} />
      </div>
    </article>
  );
}
