import { openWith, type SecretBinding, sealWith } from '../crypto/envelope.ts';
import { createKeyring } from '../crypto/keyring.ts';
import * as keyVersions from '../data/key-versions.ts';
import { request } from '../domain/policy.ts';
import { kms } from './kms.ts';
import { config, table } from './runtime.ts';

/** Seals and opens secrets of one ring. Only functions that import this carry the KMS client. */
export interface SecretBox {
  seal(plaintext: Uint8Array, binding: SecretBinding): Promise<Uint8Array>;
  /** Throws `SecretDoesNotOpen` where anything about it was changed, `KeyringUnavailable` where KMS does not answer. */
  open(sealed: Uint8Array, binding: SecretBinding): Promise<Uint8Array>;
}

/** Secrets of configurations. */
export const otpBox = boxOf('otp');

/** Secrets of the second factor of log-ins. */
export const mfaBox = boxOf('mfa');

function boxOf(ring: keyVersions.Ring): SecretBox {
  const keyring = createKeyring({
    kms,
    keyId: config.dataKeyId ?? '',
    ring,
    loadVersions: async () =>
      (await table.readRange(keyVersions.ofRing(ring), AbortSignal.timeout(request.deadlineMs))).rows,
    // How long a key is held is the process's own time, whatever clock a request is judged by.
    now: Date.now,
  });
  return {
    seal: (plaintext, binding) => sealWith(keyring, plaintext, binding),
    open: (sealed, binding) => openWith(keyring, sealed, binding),
  };
}
