import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call to DynamoDB or KMS, with the last answer that it got. */
export interface RecordedCall {
  readonly request: string;
  readonly status: number;
  readonly answer: string;
}

/** Stands between one function and AWS. */
export interface AwsRecorder {
  readonly url: string;
  /** The last call of each operation, by its name. */
  readonly calls: ReadonlyMap<string, RecordedCall>;
  /** From now on every call is answered at once: as the same call was, or else as the last one of its operation. */
  replay(): void;
  stop(): Promise<void>;
}

/**
 * Passes on what a function asks of AWS and remembers it, then answers from memory: so the function decides the same thing again and
 * again, and what is measured of it holds nothing of a database's own work.
 */
export async function startAwsRecorder(awsUrl: string): Promise<AwsRecorder> {
  const calls = new Map<string, RecordedCall>();
  const callsByBody = new Map<string, RecordedCall>();
  let replays = false;

  const server = createServer(async (request, response) => {
    const target = String(request.headers['x-amz-target']);
    const operation = target.split('.').at(-1) ?? target;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const same = `${operation} ${body}`;
    const known = replays ? (callsByBody.get(same) ?? calls.get(operation)) : undefined;
    const call = known ?? (await passOn(target, String(request.headers.authorization), body));
    if (known === undefined) {
      callsByBody.set(same, call);
      calls.set(operation, call);
    }
    response.writeHead(call.status, { 'content-type': 'application/x-amz-json-1.0' }).end(call.answer);
  });

  async function passOn(target: string, authorization: string, body: Buffer): Promise<RecordedCall> {
    const answer = await fetch(awsUrl, {
      method: 'POST',
      headers: { 'x-amz-target': target, authorization, 'content-type': 'application/x-amz-json-1.0' },
      body: new Uint8Array(body),
    });
    return { request: body.toString('utf8'), status: answer.status, answer: await answer.text() };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    replay: () => {
      replays = true;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
