import { Alert, Anchor } from '@mantine/core';
import { useState } from 'react';
import { Link, Navigate, useLocation } from 'react-router';
import { useLogIn } from '../../api/log-in.ts';
import type { Credentials } from '../../api/session.ts';
import { Entrance } from '../../app/entrance.tsx';
import { useSession } from '../../app/use-session.ts';
import { arrivalOf, arrivalWords } from './arrival.ts';
import { PasswordStep } from './password-step.tsx';
import { SecondFactorStep } from './second-factor-step.tsx';

/** Log-in: name and password, then a code where the account has MFA. */
export default function LoginPage() {
  const state = useSession();
  const arrival = arrivalOf(useLocation().state);
  const logIn = useLogIn();
  const [awaitingCode, setAwaitingCode] = useState<Credentials>();

  if (state.kind === 'signed-in') return <Navigate to={arrival.from ?? '/dashboard'} replace />;

  function tryCredentials(credentials: Credentials): void {
    logIn.mutate(credentials, {
      onSuccess: (outcome) => outcome === 'mfa_required' && setAwaitingCode(credentials),
    });
  }

  if (awaitingCode) {
    return (
      <Entrance title="Second step" description={`Logging in as ${awaitingCode.username}`}>
        <SecondFactorStep
          error={logIn.error}
          waiting={logIn.isPending}
          onProof={(proof) => tryCredentials({ ...awaitingCode, ...proof })}
          onBack={() => {
            logIn.reset();
            setAwaitingCode(undefined);
          }}
        />
      </Entrance>
    );
  }

  const words = arrivalWords(arrival);
  return (
    <Entrance
      title="Log in"
      below={
        <>
          No account yet?{' '}
          <Anchor inherit underline="always" component={Link} to="/signup">
            Sign up
          </Anchor>
        </>
      }
    >
      {words && !logIn.error && (
        <Alert color={words.tone} mb="md" role="status">
          {words.text}
        </Alert>
      )}
      <PasswordStep
        username={arrival.username ?? ''}
        error={logIn.error}
        waiting={logIn.isPending || state.kind === 'starting'}
        onCredentials={tryCredentials}
      />
    </Entrance>
  );
}
