import { Badge } from '@mantine/core';
import { serverClock } from '../api/browser-clock.ts';
import type { OtpConfig } from '../api/list-configs.ts';
import { statusOf } from './config-facts.ts';

const looks = {
  active: { color: 'green', text: 'Active' },
  paused: { color: 'gray', text: 'Paused' },
  locked: { color: 'red', text: 'Locked' },
} as const;

/** Whether a configuration gives and takes codes now. */
export function StatusBadge({ config }: { config: OtpConfig }) {
  const { color, text } = looks[statusOf(config, serverClock.nowMs())];
  return <Badge color={color}>{text}</Badge>;
}
