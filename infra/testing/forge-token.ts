import { createHash } from 'node:crypto';
import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { joseSignature } from '../../shared/crypto/es256-signature.ts';
import type { ProductInfo } from '../local/product.ts';
import type { Answer } from '../local/testing.ts';

/** Header and payload of a token, as they stand there. */
export interface TokenText {
  readonly header: Answer['body'];
  readonly payload: Answer['body'];
}

/** What a token says. */
export function readToken(token: string): TokenText {
  const [header = '', payload = ''] = token.split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  return { header: read(header), payload: read(payload) };
}

/** A token that says this, its signature still to come. */
export function unsignedToken({ header, payload }: TokenText): string {
  return [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
}

/** Signs whatever it is given by the product's own key: a token at which nothing is wrong but what it says. */
export function openForge(info: ProductInfo) {
  const kms = new KMSClient({
    endpoint: info.aws,
    region: info.region,
    credentials: { accessKeyId: info.operator_access_key_id, secretAccessKey: 'local' },
  });
  return async (text: TokenText): Promise<string> => {
    const input = unsignedToken(text);
    const command = new SignCommand({
      KeyId: info.signing_key_id,
      Message: createHash('sha256').update(input).digest(),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    const { Signature: signature = new Uint8Array() } = await kms.send(command);
    return `${input}.${Buffer.from(joseSignature(signature)).toString('base64url')}`;
  };
}
