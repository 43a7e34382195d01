import { Badge, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useDisableMfa } from '../../api/disable-mfa.ts';
import { Declined } from '../../api/problem.ts';
import type { Me } from '../../api/read-me.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { notify } from '../../components/notify.ts';
import { Section } from '../../components/page.tsx';
import { EnrolMfa } from './enrol-mfa.tsx';
import { RecoveryCodesSection } from './recovery-codes-section.tsx';

/** The second factor of the account: on, off, and the codes for the day the phone is lost. */
export default function MfaSection({ me }: { me: Me }) {
  const [enrolling, setEnrolling] = useState(false);
  const [asking, setAsking] = useState(false);
  const disable = useDisableMfa();

  function turnOff(): void {
    disable.mutate(
      {},
      {
        onSuccess: () => {
          setAsking(false);
          void notify('MFA is off. Your other sessions have ended.');
        },
        onError: (error) => error instanceof Declined && setAsking(false),
      },
    );
  }

  // Stays until its last step is done: MFA is on by then, but the recovery codes are still on the screen.
  if (enrolling) return <EnrolMfa onDone={() => setEnrolling(false)} />;
  return (
    <Stack gap="xl">
      <Section title="Multi-factor authentication">
        <Paper p="lg">
          <Stack align="flex-start">
            <Group gap="xs">
              <Badge color={me.mfa_enabled ? 'green' : 'yellow'}>{me.mfa_enabled ? 'On' : 'Off'}</Badge>
              <Text size="sm">
                {me.mfa_enabled
                  ? 'Log-in asks for a code of your authenticator app.'
                  : 'Your password alone opens this account.'}
              </Text>
            </Group>
            {me.mfa_enabled ? (
              <Button color="red" variant="light" onClick={() => setAsking(true)}>
                Turn MFA off
              </Button>
            ) : (
              <Button onClick={() => setEnrolling(true)}>Turn MFA on</Button>
            )}
          </Stack>
        </Paper>
      </Section>
      {me.mfa_enabled && <RecoveryCodesSection />}
      {asking && (
        <ConfirmDialog
          title="Turn MFA off"
          confirmLabel="Turn MFA off"
          error={disable.error}
          waiting={disable.isPending}
          onConfirm={turnOff}
          onClose={() => setAsking(false)}
        >
          <Text size="sm">
            Your authenticator’s entry and all recovery codes stop working, and your other sessions end. From then on
            the password alone opens this account.
          </Text>
        </ConfirmDialog>
      )}
    </Stack>
  );
}
