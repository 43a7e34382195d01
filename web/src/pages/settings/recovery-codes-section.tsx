import { Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useCountRecoveryCodes } from '../../api/count-recovery-codes.ts';
import { useCreateRecoveryCodes } from '../../api/create-recovery-codes.ts';
import { Declined } from '../../api/problem.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Section } from '../../components/page.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { RecoveryCodeList } from './recovery-code-list.tsx';

/** How many recovery codes are left, and a new set of them. */
export function RecoveryCodesSection() {
  const [counting, setCounting] = useState(false);
  const [asking, setAsking] = useState(false);
  const count = useCountRecoveryCodes(counting);
  const create = useCreateRecoveryCodes();
  const made = create.data;

  return (
    <Section title="Recovery codes">
      <Paper p="lg">
        {made ? (
          <RecoveryCodeList codes={made.recovery_codes} onDone={create.reset} />
        ) : (
          <Stack align="flex-start">
            <Text size="sm" role="status">
              {count.data
                ? `${count.data.remaining} ${count.data.remaining === 1 ? 'code is' : 'codes are'} left.`
                : 'They open your account should you lose your phone. Each works once.'}
            </Text>
            <ProblemNotice error={count.error} onRetry={() => void count.refetch()} />
            <Group gap="xs">
              {!count.data && (
                <Button
                  variant="default"
                  loading={count.isFetching}
                  onClick={() => (counting ? void count.refetch() : setCounting(true))}
                >
                  How many are left?
                </Button>
              )}
              <Button variant="default" onClick={() => setAsking(true)}>
                Make new codes
              </Button>
            </Group>
          </Stack>
        )}
      </Paper>
      {asking && (
        <ConfirmDialog
          title="Make new recovery codes"
          confirmLabel="Replace the old codes"
          error={create.error}
          waiting={create.isPending}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            create.mutate(
              {},
              {
                onSuccess: () => setAsking(false),
                onError: (error) => error instanceof Declined && setAsking(false),
              },
            )
          }
        >
          <Text size="sm">The codes that you have now stop working as soon as the new ones are made.</Text>
        </ConfirmDialog>
      )}
    </Section>
  );
}
