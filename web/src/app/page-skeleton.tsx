import { Skeleton, Stack } from '@mantine/core';

/** A page that is still being loaded: its heading and its first block. */
export function PageSkeleton() {
  return (
    <div role="status" aria-label="Loading">
      <Stack gap="lg">
        <Skeleton height={42} width={220} />
        <Skeleton height={320} />
      </Stack>
    </div>
  );
}
