import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useEndUserSessions } from '../../api/end-user-sessions.ts';
import type { UserForAdmin } from '../../api/list-users.ts';
import { useResetMfa } from '../../api/reset-mfa.ts';
import { useResetPassword } from '../../api/reset-password.ts';
import { useUnlockUser } from '../../api/unlock-user.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { CopyButton } from '../../components/copy-action.tsx';
import { notify } from '../../components/notify.ts';
import classes from './admin-page.module.css';

type Deed = 'unlock' | 'password' | 'mfa' | 'sessions';

/** What an administrator may do for a user, each after a question that says what it destroys. */
export function UserActions({ user }: { user: UserForAdmin }) {
  const [asking, setAsking] = useState<Deed>();
  const unlock = useUnlockUser();
  const resetPassword = useResetPassword();
  const resetMfa = useResetMfa();
  const endSessions = useEndUserSessions();
  const input = { params: { user_id: user.id } };

  function done(words: string): void {
    setAsking(undefined);
    void notify(words);
  }

  const deeds = {
    unlock: {
      title: 'Unlock the account',
      text: `Clears the ${user.failed_login_attempts} failed log-ins of ${user.username}, who may try again at once.`,
      label: 'Unlock',
      run: unlock,
      confirm: () => unlock.mutate(input, { onSuccess: () => done(`${user.username} is unlocked.`) }),
    },
    password: {
      title: 'Reset the password',
      text: `The password of ${user.username} stops working and all sessions end. You get a temporary one, to be changed at the first log-in.`,
      label: 'Reset password',
      run: resetPassword,
      confirm: () => resetPassword.mutate(input, { onSuccess: () => setAsking(undefined) }),
    },
    mfa: {
      title: 'Turn MFA off',
      text: `The authenticator and the recovery codes of ${user.username} stop working and all sessions end. From then on the password alone opens the account: be sure that it is really ${user.username} who asks.`,
      label: 'Turn MFA off',
      run: resetMfa,
      confirm: () => resetMfa.mutate(input, { onSuccess: () => done(`MFA of ${user.username} is off.`) }),
    },
    sessions: {
      title: 'End all sessions',
      text: `${user.username} has to log in again everywhere.`,
      label: 'End all sessions',
      run: endSessions,
      confirm: () =>
        endSessions.mutate(input, {
          onSuccess: ({ ended }) => done(`${ended} sessions of ${user.username} have ended.`),
        }),
    },
  } as const;
  const deed = asking && deeds[asking];
  const temporary = resetPassword.data?.temporary_password;

  return (
    <Stack>
      {temporary && (
        <Alert color="yellow" title="Temporary password" role="status">
          <Stack gap="xs" align="flex-start">
            <Text size="sm">Give it to {user.username} on a safe way. It is shown this once.</Text>
            <code className={classes.secret}>{temporary}</code>
            <CopyButton text={temporary} label="Copy password" />
          </Stack>
        </Alert>
      )}
      <Group gap="xs">
        <Button variant="default" onClick={() => setAsking('unlock')} disabled={!user.account_locked_until}>
          Unlock
        </Button>
        <Button variant="default" onClick={() => setAsking('password')}>
          Reset password
        </Button>
        <Button variant="default" onClick={() => setAsking('mfa')} disabled={!user.mfa_enabled}>
          Turn MFA off
        </Button>
        <Button variant="default" onClick={() => setAsking('sessions')}>
          End all sessions
        </Button>
      </Group>
      {deed && (
        <ConfirmDialog
          title={deed.title}
          confirmLabel={deed.label}
          error={deed.run.error}
          waiting={deed.run.isPending}
          onConfirm={deed.confirm}
          onClose={() => setAsking(undefined)}
        >
          <Text size="sm">{deed.text}</Text>
        </ConfirmDialog>
      )}
    </Stack>
  );
}
