import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertCircle, IconClockPause, IconPlugConnectedX } from '@tabler/icons-react';
import { Declined, Refusal, Unreachable } from '../api/problem.ts';
import { sayDuration, useCountdown } from './use-countdown.ts';

/** What went wrong, in the service's words, and what can be done: wait so long, try again, or quote the request. */
export function ProblemNotice({
  error,
  onRetry,
  waiting,
}: {
  error: Error | null | undefined;
  onRetry?: () => void;
  waiting?: boolean;
}) {
  const wait = error instanceof Refusal ? error.retryAfterSeconds : undefined;
  const left = useCountdown(wait, error);
  if (!error || error instanceof Declined) return null;

  const isOurFault = error instanceof Refusal && error.status >= 500;
  const Icon = error instanceof Unreachable ? IconPlugConnectedX : wait ? IconClockPause : IconAlertCircle;
  return (
    <Alert
      color={wait || error instanceof Unreachable ? 'yellow' : 'red'}
      icon={<Icon aria-hidden />}
      title={
        error instanceof Refusal ? error.title : error instanceof Unreachable ? 'No connection' : 'Something broke'
      }
      role="alert"
    >
      <Text size="sm">{saying(error)}</Text>
      {error instanceof Refusal &&
        error.fields.map(({ path, message }) => (
          <Text size="sm" key={`${path} ${message}`}>
            {path}: {message}
          </Text>
        ))}
      {wait !== undefined && wait > 0 && (
        // Hidden from the live region: said once by the sentence above it, not every second.
        <Text size="sm" fw={600} aria-hidden>
          {left > 0 ? `You can try again in ${sayDuration(left)}.` : 'You can try again now.'}
        </Text>
      )}
      {isOurFault && error.requestId && (
        <Text size="xs" c="dimmed">
          Request {error.requestId}
        </Text>
      )}
      {onRetry && (
        <Group mt="sm">
          <Button size="compact-sm" variant="default" onClick={onRetry} disabled={left > 0} loading={waiting ?? false}>
            Try again
          </Button>
        </Group>
      )}
    </Alert>
  );
}

function saying(error: Error): string {
  if (error instanceof Refusal || error instanceof Unreachable) return error.message;
  return 'This page did not expect that. Reload it; if it happens again, tell your administrator.';
}

/** Seconds that a person has to wait after a refusal before another try makes sense. */
export function useRefusalWait(error: Error | null | undefined): number {
  return useCountdown(error instanceof Refusal ? error.retryAfterSeconds : undefined, error);
}
