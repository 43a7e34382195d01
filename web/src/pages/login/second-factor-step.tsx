import { Anchor, Button, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { mfa } from '../../../../shared/domain/policy.ts';
import { CodeInput } from '../../components/code-input.tsx';
import { ProblemNotice, useRefusalWait } from '../../components/problem-notice.tsx';
import { sayDuration } from '../../components/use-countdown.ts';

/** A code of the authenticator app, sent as soon as it is whole; or one of the recovery codes. */
export function SecondFactorStep({
  error,
  waiting,
  onProof,
  onBack,
}: {
  error: Error | null;
  waiting: boolean;
  onProof: (proof: { mfa_code: string } | { recovery_code: string }) => void;
  onBack: () => void;
}) {
  const [byRecovery, setByRecovery] = useState(false);
  const [code, setCode] = useState('');
  const [recoveryCode, setRecoveryCode] = useState('');
  const wait = useRefusalWait(error);

  function typeCode(typed: string): void {
    setCode(typed);
    if (typed.length === mfa.digits && !waiting && wait === 0) onProof({ mfa_code: typed });
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onProof(byRecovery ? { recovery_code: recoveryCode.trim() } : { mfa_code: code });
      }}
    >
      <Stack>
        <ProblemNotice error={error} />
        {byRecovery ? (
          <TextInput
            label="Recovery code"
            description="One of the ten codes that you kept when you turned MFA on. Each works once."
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            required
            autoFocus
            value={recoveryCode}
            onChange={(event) => setRecoveryCode(event.currentTarget.value)}
          />
        ) : (
          <CodeInput
            label="Code from your authenticator app"
            length={mfa.digits}
            required
            autoFocus
            value={code}
            onCode={typeCode}
          />
        )}
        <Button type="submit" loading={waiting} disabled={wait > 0} fullWidth>
          {wait > 0 ? `Wait ${sayDuration(wait)}` : 'Log in'}
        </Button>
        <Group justify="space-between">
          <Anchor component="button" type="button" size="sm" onClick={onBack}>
            Back
          </Anchor>
          <Anchor component="button" type="button" size="sm" onClick={() => setByRecovery(!byRecovery)}>
            {byRecovery ? 'Use the authenticator app' : 'Use a recovery code'}
          </Anchor>
        </Group>
      </Stack>
    </form>
  );
}
