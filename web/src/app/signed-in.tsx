import { lazy, Suspense, useEffect } from 'react';
import { Navigate, useLocation } from 'react-router';
import { serverClock } from '../api/browser-clock.ts';
import { session } from '../api/browser-session.ts';
import { useReadMe } from '../api/read-me.ts';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { PageSkeleton } from './page-skeleton.tsx';
import { Shell } from './pages.ts';
import { ShellSkeleton } from './shell/shell-skeleton.tsx';
import { useSession } from './use-session.ts';

const ForcedPasswordChange = lazy(() => import('./forced-password-change.tsx'));

/** Lets people who are logged in pass; others go to the log-in and come back here after it. */
export function SignedIn() {
  const state = useSession();
  const location = useLocation();

  if (state.kind === 'anonymous') {
    const from = `${location.pathname}${location.search}`;
    return (
      <Navigate
        to="/login"
        replace
        state={{ from: state.because === 'logged-out' ? undefined : from, because: state.because }}
      />
    );
  }
  if (state.kind === 'unreachable') {
    return (
      <ShellSkeleton>
        <ProblemNotice error={state.error} onRetry={() => void session.start()} />
      </ShellSkeleton>
    );
  }
  return state.kind === 'starting' ? <LoadingShell /> : <Known />;
}

/** The frame waits for the profile, which says what belongs in it. */
function Known() {
  const me = useReadMe();

  useEffect(() => void serverClock.sync(), []);

  if (me.data?.must_change_password) {
    return (
      <Suspense>
        <ForcedPasswordChange />
      </Suspense>
    );
  }
  if (me.data) {
    return (
      <Suspense fallback={<LoadingShell />}>
        <Shell />
      </Suspense>
    );
  }
  if (!me.error) return <LoadingShell />;
  return (
    <ShellSkeleton>
      <ProblemNotice error={me.error} onRetry={() => void me.refetch()} waiting={me.isFetching} />
    </ShellSkeleton>
  );
}

function LoadingShell() {
  return (
    <ShellSkeleton>
      <PageSkeleton />
    </ShellSkeleton>
  );
}
