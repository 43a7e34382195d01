import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { KMSClient } from '@aws-sdk/client-kms';
import { vi } from 'vitest';
import * as z from 'zod';
import { openKms } from '../../../infra/local/kms.ts';
import { type KmsKey, loadKeys } from '../../../infra/local/kms-keys.ts';
import { createKmsClient } from '../kms-client.ts';

/** An answer that the endpoint gives instead of the true one: an error of KMS by its name, an empty one, or none. */
export type KmsFault = 'ThrottlingException' | 'DisabledException' | 'AccessDeniedException' | 'empty' | 'hang';

/** The local KMS behind HTTP, at the edge of the process: the product's real client talks to it. */
export interface KmsEndpoint {
  readonly client: KMSClient;
  readonly dataKey: KmsKey;
  readonly signingKey: KmsKey;
  /** What arrived, in order, with what the client tried again. */
  readonly calls: readonly { readonly action: string; readonly keyId: string }[];
  /** Every call is answered by this until it is lifted. */
  fault: KmsFault | undefined;
  close(): Promise<void>;
}

const named = z.looseObject({ KeyId: z.string() });

/** Starts a KMS with a data key and a signing key, and a client of the product for it. */
export async function startKmsEndpoint(): Promise<KmsEndpoint> {
  const [dataKey, signingKey] = loadKeys([
    { logicalId: 'DataKey', spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT', aliases: [] },
    { logicalId: 'SigningKey', spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY', aliases: [] },
  ]);
  if (dataKey === undefined || signingKey === undefined) throw new Error('the keys were not made');
  const kms = openKms([dataKey, signingKey]);
  const calls: { action: string; keyId: string }[] = [];

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const action = `${request.headers['x-amz-target']}`.replace('TrentService.', '');
    const body = named.parse(JSON.parse(await text(request)));
    calls.push({ action, keyId: body.KeyId });
    if (endpoint.fault === 'hang') return;
    const answer = endpoint.fault === undefined ? kms.handle(action, body) : answerOf(endpoint.fault);
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer.body));
  }

  const server = createServer(handle);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the endpoint has no port');
  const client = clientOf(`http://127.0.0.1:${address.port}`);
  const endpoint: KmsEndpoint = {
    client,
    dataKey,
    signingKey,
    calls,
    fault: undefined,
    async close() {
      client.destroy();
      vi.unstubAllEnvs();
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return endpoint;
}

function answerOf(fault: KmsFault): { status: number; body: object } {
  return fault === 'empty' ? { status: 200, body: {} } : { status: 400, body: { __type: fault } };
}

// Pointed here the way the SDK is pointed anywhere.
function clientOf(url: string): KMSClient {
  vi.stubEnv('AWS_ENDPOINT_URL_KMS', url);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  return createKmsClient();
}
