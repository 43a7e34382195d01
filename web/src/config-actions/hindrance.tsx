import { Alert, Button, Group, Text } from '@mantine/core';
import { IconLock, IconPlayerPause } from '@tabler/icons-react';
import { serverClock, useServerSecond } from '../api/browser-clock.ts';
import { useChangeConfig } from '../api/change-config.ts';
import type { OtpConfig } from '../api/list-configs.ts';
import { useUnlockConfig } from '../api/unlock-config.ts';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { sayDuration } from '../components/use-countdown.ts';
import { isLockedForGood, statusOf } from './config-facts.ts';

/** Why a configuration gives and takes no codes now, and the way out. */
export function Hindrance({ config }: { config: OtpConfig }) {
  const second = useServerSecond();
  const change = useChangeConfig();
  const unlock = useUnlockConfig();
  const status = statusOf(config, serverClock.nowMs());
  if (status === 'active') return null;

  if (status === 'paused') {
    return (
      <Alert color="gray" icon={<IconPlayerPause aria-hidden />} title="Paused">
        <Text size="sm">It gives no codes and accepts none until it is resumed.</Text>
        <ProblemNotice error={change.error} />
        <Group mt="sm">
          <Button
            size="compact-sm"
            variant="default"
            loading={change.isPending}
            onClick={() => change.mutate({ params: { config_id: config.id }, body: { is_active: true } })}
          >
            Resume
          </Button>
        </Group>
      </Alert>
    );
  }

  const left = config.locked_until ? Math.ceil(Date.parse(config.locked_until) / 1000 - second) : 0;
  return (
    <Alert color="red" icon={<IconLock aria-hidden />} title="Locked after wrong codes">
      <Text size="sm">
        {isLockedForGood(config)
          ? 'Too many wrong codes were tried in a row. It stays locked until you unlock it.'
          : `Somebody tried wrong codes. The next try is possible in ${sayDuration(left)}.`}{' '}
        If it was not you, look at the events below before you unlock it.
      </Text>
      <ProblemNotice error={unlock.error} />
      <Group mt="sm">
        <Button
          size="compact-sm"
          variant="default"
          loading={unlock.isPending}
          onClick={() => unlock.mutate({ params: { config_id: config.id } })}
        >
          Unlock now
        </Button>
      </Group>
    </Alert>
  );
}
