import { Button, Group, Paper, Skeleton, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { mfa } from '../../../../shared/domain/policy.ts';
import { useEnableMfa } from '../../api/enable-mfa.ts';
import { Declined } from '../../api/problem.ts';
import { useVerifyMfa } from '../../api/verify-mfa.ts';
import { CodeInput } from '../../components/code-input.tsx';
import { Section } from '../../components/page.tsx';
import { ProblemNotice, useRefusalWait } from '../../components/problem-notice.tsx';
import { SecretSheet } from '../../components/secret-sheet.tsx';
import { RecoveryCodeList } from './recovery-code-list.tsx';

/** Turns MFA on: scan, prove it by a code, keep the recovery codes. */
export function EnrolMfa({ onDone }: { onDone: () => void }) {
  const enable = useEnableMfa();
  const verify = useVerifyMfa();
  const [code, setCode] = useState('');
  const wait = useRefusalWait(verify.error);
  const { mutate: begin, error, data: pending } = enable;

  // biome-ignore lint/correctness/useExhaustiveDependencies: begun once; each begin makes another secret.
  useEffect(() => begin({}), []);
  useEffect(() => {
    if (error instanceof Declined) onDone();
  }, [error, onDone]);

  if (verify.data) {
    return (
      <Section title="MFA is on: keep your recovery codes">
        <Paper p="lg">
          <RecoveryCodeList codes={verify.data.recovery_codes} onDone={onDone} />
        </Paper>
      </Section>
    );
  }

  return (
    <Section title="Turn MFA on">
      <Paper p="lg">
        <Stack>
          <ProblemNotice error={error} onRetry={() => begin({})} />
          {pending ? (
            <SecretSheet secret={pending.mfa_secret} uri={pending.mfa_uri} qrSvg={pending.qr_svg} />
          ) : (
            !error && <Skeleton height={234} />
          )}
          <form
            onSubmit={(event) => {
              event.preventDefault();
              verify.mutate({ body: { mfa_code: code } });
            }}
          >
            <Stack maw="24rem">
              <ProblemNotice error={verify.error} />
              <CodeInput
                label="Then enter the code that the app shows"
                description="Your other sessions end when MFA is on."
                length={mfa.digits}
                required
                value={code}
                onCode={setCode}
              />
              <Group>
                <Button
                  type="submit"
                  disabled={!pending || code.length < mfa.digits || wait > 0}
                  loading={verify.isPending}
                >
                  Turn MFA on
                </Button>
                <Button variant="default" onClick={onDone}>
                  Cancel
                </Button>
              </Group>
            </Stack>
          </form>
          <Text size="sm" c="dimmed">
            The secret waits ten minutes for its first code. Until then nothing changes.
          </Text>
        </Stack>
      </Paper>
    </Section>
  );
}
