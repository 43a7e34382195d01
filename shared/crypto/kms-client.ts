import { KMSClient } from '@aws-sdk/client-kms';
import { keys } from '../domain/policy.ts';

/** What this folder asks of the KMS client. */
export type Kms = Pick<KMSClient, 'send'>;

/**
 * A client of KMS whose tries and timeouts keep a request inside its deadline. Region, endpoint and credentials come
 * from the SDK's own environment.
 */
export function createKmsClient(): KMSClient {
  return new KMSClient({
    maxAttempts: keys.kms.attempts,
    requestHandler: {
      connectionTimeout: keys.kms.connectMs,
      requestTimeout: keys.kms.answerMs,
      // Without it the SDK only warns of a late answer and waits on.
      throwOnRequestTimeout: true,
    },
  });
}
