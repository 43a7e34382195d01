import { Alert } from '@mantine/core';
import { IconWifiOff } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ProblemNotice } from './problem-notice.tsx';

type Read<Data> = Pick<UseQueryResult<Data>, 'data' | 'error' | 'isFetching' | 'fetchStatus'> & {
  refetch(): unknown;
};

/**
 * What a read looks like in each of its states. Data that is there stays on the screen when reading it anew fails; while
 * there is none, the skeleton has its size.
 */
export function QueryView<Data>({
  query,
  skeleton,
  children,
}: {
  query: Read<Data>;
  skeleton: ReactNode;
  children: (data: Data) => ReactNode;
}) {
  const { data, error, isFetching, fetchStatus } = query;
  if (data !== undefined) {
    return (
      <>
        {error && <ProblemNotice error={error} onRetry={() => void query.refetch()} waiting={isFetching} />}
        {children(data)}
      </>
    );
  }
  if (error) return <ProblemNotice error={error} onRetry={() => void query.refetch()} waiting={isFetching} />;
  if (fetchStatus === 'paused') {
    return (
      <Alert color="yellow" icon={<IconWifiOff aria-hidden />} title="You are offline">
        This will load by itself once you are connected again.
      </Alert>
    );
  }
  return (
    <div role="status" aria-label="Loading">
      {skeleton}
    </div>
  );
}
