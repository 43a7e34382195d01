import * as z from 'zod/mini';
import { absent, put, type Write } from './expression.ts';
import { bytes } from './stored.ts';
import type { RangeRef } from './table.ts';
import { keyOf, partitionOf } from './table-map.ts';

/** The key rings that open secrets; each has its own encryption context. */
export type Ring = 'otp' | 'mfa';

const dataKey = z.object({ version: z.number(), wrapped: bytes, created_at: z.number() });

/** A data key as KMS wrapped it. */
export type WrappedDataKey = z.infer<typeof dataKey>;

const signingKey = z.object({ kid: z.string(), public_key: bytes, created_at: z.number() });

/** The public half of the key that signs tokens (SPKI, DER). */
export type SigningKey = z.infer<typeof signingKey>;

/** All versions of a ring, the oldest first. */
export function ofRing(ring: Ring): RangeRef<WrappedDataKey> {
  return { partition: partitionOf('KEYRING', ring), schema: dataKey };
}

/** All keys that tokens may be signed with. */
export function ofSigning(): RangeRef<SigningKey> {
  return { partition: partitionOf('KEYRING', 'signing'), schema: signingKey };
}

/** Adds a version to a ring; of two at once one does. */
export function addVersion(ring: Ring, key: WrappedDataKey): Write {
  return put(keyOf('KEYRING', ring, String(key.version).padStart(6, '0')), key, absent);
}

/** Makes a signing key known to those who verify. */
export function addSigningKey(key: SigningKey): Write {
  return put(keyOf('KEYRING', 'signing', key.kid), key, absent);
}
