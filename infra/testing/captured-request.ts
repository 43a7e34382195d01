import type { Answer, Client, RequestOptions } from '../local/testing.ts';

/** A request that was about to be sent. */
export interface CapturedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly options: RequestOptions;
}

class Held extends Error {}

/** A client that can hold back a request: `capture` gives what would have been sent, so that another client sends it. */
export function capturingClient(client: Client) {
  let holds = false;
  let held: CapturedRequest | undefined;

  const send: Client['send'] = async (method, path, body, { token, headers } = {}) => {
    if (!holds) return client.send(method, path, body, { token, ...(headers && { headers }) });
    held = { method, path, body, options: { token, ...(headers && { headers }) } };
    throw new Held();
  };

  /** What `request` would send, which it must do at once. */
  function capture(request: () => Promise<Answer>): CapturedRequest {
    held = undefined;
    holds = true;
    request().catch(() => undefined);
    holds = false;
    if (held === undefined) throw new Error('Nothing was sent at once.');
    return held;
  }

  return { client: clientOf(client, send), capture };
}

/** A client that tells of each request and its answer. */
export function tappedClient(client: Client, tell: (request: CapturedRequest, answer: Answer) => void): Client {
  return clientOf(client, async (method, path, body, options = {}) => {
    const answer = await client.send(method, path, body, options);
    tell({ method, path, body, options }, answer);
    return answer;
  });
}

/** A client that asks again while the service says that it cannot now, as back ends do: for what must be there before a test. */
export function patientClient(client: Client): Client {
  return clientOf(client, async (method, path, body, options) => {
    for (let attempt = 1; ; attempt++) {
      const answer = await client.send(method, path, body, options);
      if (answer.status < 500 || attempt === 5) return answer;
    }
  });
}

function clientOf(client: Client, send: Client['send']): Client {
  return {
    ...client,
    send,
    get: (path, options) => send('GET', path, undefined, options),
    post: (path, body, options) => send('POST', path, body, options),
    patch: (path, body, options) => send('PATCH', path, body, options),
    delete: (path, options) => send('DELETE', path, undefined, options),
  };
}

/** Sends what was captured. */
export function sendCaptured(client: Client, { method, path, body, options }: CapturedRequest): Promise<Answer> {
  return client.send(method, path, body, options);
}
