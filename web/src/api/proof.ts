/** A call that waits for the person to prove who they are. */
export interface ProofRequest {
  answer(proven: boolean): void;
}

let current: { readonly request: ProofRequest; readonly proven: Promise<boolean> } | undefined;
const listeners = new Set<() => void>();

/** Asks the person for password and code, once for all calls that wait; whether they gave them. */
export function proveFreshness(): Promise<boolean> {
  if (current) return current.proven;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  current = {
    proven: promise,
    request: {
      answer(proven) {
        current = undefined;
        resolve(proven);
        tell();
      },
    },
  };
  tell();
  return promise;
}

/** What is being asked now, for the dialog. */
export function readProofRequest(): ProofRequest | undefined {
  return current?.request;
}

/** Calls back whenever a question begins or ends. */
export function subscribeToProofRequests(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
