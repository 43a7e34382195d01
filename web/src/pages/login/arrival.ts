/** What another page says to the log-in page about why somebody comes. */
export interface Arrival {
  readonly from?: string | undefined;
  readonly because?: 'never' | 'logged-out' | 'ended' | 'signed-up' | undefined;
  readonly username?: string | undefined;
}

const sentences = {
  'logged-out': { tone: 'gray', text: 'You are logged out.' },
  ended: { tone: 'yellow', text: 'Your session has ended. Log in again to go on where you were.' },
  'signed-up': { tone: 'green', text: 'Your account is ready. Log in to use it.' },
} as const;

/** Reads the state of a navigation; whatever else stands there is no arrival. */
export function arrivalOf(state: unknown): Arrival {
  if (typeof state !== 'object' || state === null) return {};
  const { from, because, username }: { from?: unknown; because?: unknown; username?: unknown } = state;
  return {
    // A path of this console, never another site's address.
    from: typeof from === 'string' && /^\/(?!\/)/.test(from) ? from : undefined,
    because: because === 'logged-out' || because === 'ended' || because === 'signed-up' ? because : undefined,
    username: typeof username === 'string' ? username : undefined,
  };
}

/** How to greet somebody who arrives. */
export function arrivalWords({ because }: Arrival): (typeof sentences)[keyof typeof sentences] | undefined {
  return because === undefined || because === 'never' ? undefined : sentences[because];
}
