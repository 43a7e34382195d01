import { Alert, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX, IconLock, IconPlayerPause, IconRepeat } from '@tabler/icons-react';
import type { OtpConfig } from '../../../api/list-configs.ts';
import type { Validation } from '../../../api/validate-code.ts';
import { sayDuration, useCountdown } from '../../../components/use-countdown.ts';

const looks = {
  valid: { color: 'green', icon: IconCircleCheck, title: 'The code is right' },
  invalid: { color: 'red', icon: IconCircleX, title: 'The code is wrong' },
  replayed: { color: 'yellow', icon: IconRepeat, title: 'The code was used before' },
  locked: { color: 'red', icon: IconLock, title: 'Locked: the code was not looked at' },
  inactive: { color: 'gray', icon: IconPlayerPause, title: 'Paused: the code was not looked at' },
} as const;

/** The verdict on a code, why, and what to do next. */
export function ValidationVerdict({ validation, config }: { validation: Validation; config: OtpConfig }) {
  const left = useCountdown(validation.retry_after_seconds, validation);
  const { color, icon: Icon, title } = looks[validation.result];
  return (
    <Alert color={color} icon={<Icon aria-hidden />} title={title} mt="md">
      <Text size="sm">{explain(validation, config)}</Text>
      {validation.retry_after_seconds !== undefined && (
        <Text size="sm" fw={600} aria-hidden>
          {left > 0 ? `The next try is possible in ${sayDuration(left)}.` : 'You can try again now.'}
        </Text>
      )}
    </Alert>
  );
}

function explain({ result, retry_after_seconds }: Validation, config: OtpConfig): string {
  switch (result) {
    case 'valid':
      return 'It counts as used now: the same code will not be accepted a second time.';
    case 'invalid':
      return config.otp_type === 'totp'
        ? `It is not the current code, nor one of the ${config.window} before or after it. Wait for the next code; if that is wrong too, the device’s clock may be off: resynchronise it by the menu above.`
        : `It is not the code of counter ${config.counter}, nor one of the ${config.look_ahead} after it. If the device was pressed too often, resynchronise it by the menu above.`;
    case 'replayed':
      return 'A code is accepted once. Wait for the next one.';
    case 'locked':
      return retry_after_seconds === undefined
        ? 'Too many wrong codes were tried in a row. Unlock it to go on.'
        : 'Wrong codes were tried many times in a row, so each try has to wait now.';
    case 'inactive':
      return 'Resume the configuration, then try again.';
  }
}
