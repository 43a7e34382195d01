import { authenticate } from '../../../shared/api/token.ts';
import { type Refusal, Unreachable } from './problem.ts';
import { readRefusal } from './read-refusal.ts';

/** Where a person stands: `starting` until the cookie has been tried once. */
export type SessionState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'unreachable'; readonly error: Error }
  | { readonly kind: 'anonymous'; readonly because: 'never' | 'logged-out' | 'ended' }
  | { readonly kind: 'signed-in' };

/** What a session needs of the browser; tests bring their own. */
export interface SessionEdges {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Runs one task at a time over all tabs of this origin. */
  exclusively<T>(task: () => Promise<T>): Promise<T>;
  readonly channel: Pick<BroadcastChannel, 'postMessage' | 'addEventListener'>;
  /** Milliseconds of a clock that nobody sets. */
  monotonicMs(): number;
}

type Announcement = 'signed-in' | 'signed-out';
type Tokens = { access_token: string | null; expires_in: number | null; mfa_required: boolean };

const url = `/api${authenticate.path}`;
// A token that ends while the request travels would cost a second round trip.
const marginMs = 5_000;

/**
 * The session of this browser. The access token lives in this closure alone, the refresh token in a cookie that no script
 * can read. Tabs share the cookie: whatever changes it runs exclusively, and log-in and log-out reach every tab.
 */
export function createSession(edges: SessionEdges) {
  let state: SessionState = { kind: 'starting' };
  let access: { readonly token: string; readonly endsAtMs: number } | undefined;
  let refreshing: Promise<string> | undefined;
  const listeners = new Set<() => void>();

  edges.channel.addEventListener('message', (event: MessageEvent<Announcement>) => {
    // Another tab logged in, perhaps as somebody else: what this tab holds belongs to the session before.
    if (event.data === 'signed-in') void start();
    else become({ kind: 'anonymous', because: 'logged-out' });
  });

  function become(next: SessionState): void {
    if (next.kind !== 'signed-in') access = undefined;
    state = next;
    for (const listener of listeners) listener();
  }

  async function post(body: object): Promise<Response> {
    let response: Response;
    try {
      response = await edges.fetch(url, {
        method: authenticate.method,
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify(body),
      });
    } catch (cause) {
      throw new Unreachable(cause);
    }
    if (!response.ok) throw await readRefusal(response);
    return response;
  }

  function keep(tokens: Tokens): string {
    if (tokens.access_token === null) throw new Error('No access token in the answer');
    access = { token: tokens.access_token, endsAtMs: edges.monotonicMs() + (tokens.expires_in ?? 0) * 1000 };
    return access.token;
  }

  /** Tries the cookie: ends as `signed-in`, `anonymous` or, when nobody answers, `unreachable`. */
  async function start(): Promise<void> {
    become({ kind: 'starting' });
    try {
      await refresh();
      become({ kind: 'signed-in' });
    } catch (error) {
      if (refused(error)) become({ kind: 'anonymous', because: 'never' });
      else become({ kind: 'unreachable', error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  /** A new access token, asked for once however many callers wait. */
  function refresh(): Promise<string> {
    refreshing ??= edges
      .exclusively(async () => {
        const response = await post({ action: 'refresh' });
        return keep(await response.json());
      })
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  }

  /** The token to call with; a new one when the old one has ended or is `stale`, which a 401 has said. */
  async function token(stale?: string): Promise<string> {
    if (access && access.token !== stale && edges.monotonicMs() < access.endsAtMs - marginMs) return access.token;
    try {
      return await refresh();
    } catch (error) {
      if (refused(error) && state.kind === 'signed-in') become({ kind: 'anonymous', because: 'ended' });
      throw error;
    }
  }

  /** Logs in; `mfa_required` when a code is needed as well. */
  async function logIn(credentials: Credentials): Promise<'signed-in' | 'mfa_required'> {
    return edges.exclusively(async () => {
      const response = await post({ action: 'login', ...credentials });
      const tokens: Tokens = await response.json();
      if (tokens.mfa_required) return 'mfa_required';
      keep(tokens);
      become({ kind: 'signed-in' });
      edges.channel.postMessage('signed-in' satisfies Announcement);
      return 'signed-in';
    });
  }

  /** Ends the session on the service and in every tab. When nobody answers it stays: the cookie would still be good. */
  async function logOut(): Promise<void> {
    await edges.exclusively(() => post({ action: 'logout' }));
    become({ kind: 'anonymous', because: 'logged-out' });
    edges.channel.postMessage('signed-out' satisfies Announcement);
  }

  return {
    start,
    token,
    logIn,
    logOut,
    read: () => state,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** What one logs in with. */
export interface Credentials {
  username: string;
  password: string;
  mfa_code?: string;
  recovery_code?: string;
}

function refused(error: unknown): error is Refusal {
  return error instanceof Error && 'status' in error && error.status === 401;
}
