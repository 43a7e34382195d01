import { lazy, Suspense, useSyncExternalStore } from 'react';
import { readProofRequest, subscribeToProofRequests } from '../api/proof.ts';

const ProofDialog = lazy(() => import('./proof-dialog.tsx'));

/** Where the question for the password appears when a call needs a fresh session. */
export function ProofHost() {
  const request = useSyncExternalStore(subscribeToProofRequests, readProofRequest);
  if (!request) return null;
  return (
    <Suspense>
      <ProofDialog request={request} />
    </Suspense>
  );
}
