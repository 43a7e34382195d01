import { GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keys, request } from '../domain/policy.ts';
import { type KmsEndpoint, startKmsEndpoint } from './testing/kms-endpoint.ts';

let kms: KmsEndpoint;

beforeEach(async () => {
  kms = await startKmsEndpoint();
});

afterEach(() => kms.close());

function ask(): Promise<unknown> {
  return kms.client.send(new GetPublicKeyCommand({ KeyId: kms.signingKey.id }));
}

test('gives up on a KMS that never answers before the deadline of a request, after the allowed tries', async () => {
  kms.fault = 'hang';
  const startedAt = performance.now();
  await expect(ask()).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(performance.now() - startedAt).toBeLessThan(request.deadlineMs);
  expect(kms.calls.length).toBe(keys.kms.attempts);
}, 10_000);

test('tries again when KMS throttles, and no more often than allowed', async () => {
  kms.fault = 'ThrottlingException';
  await expect(ask()).rejects.toMatchObject({ name: 'ThrottlingException' });
  expect(kms.calls.length).toBe(keys.kms.attempts);
}, 10_000);

test('does not try again what KMS refuses', async () => {
  kms.fault = 'AccessDeniedException';
  await expect(ask()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect(kms.calls.length).toBe(1);
});
