import { randomUUID } from 'node:crypto';
import { newWrappedDataKey } from '../crypto/keyring.ts';
import type { Kms } from '../crypto/kms-client.ts';
import { fetchSigningKey } from '../crypto/tokens.ts';
import type { Write } from '../data/expression.ts';
import * as keyVersions from '../data/key-versions.ts';
import { pause, type Table } from '../data/table.ts';

/** Where the keys are: KMS has those that wrap and sign, the table what they wrapped and the public half. */
export interface KeyPlaces {
  readonly table: Table;
  readonly kms: Kms;
  readonly dataKeyId: string;
  readonly signingKeyId: string;
  readonly now: number;
  readonly deadline: AbortSignal;
}

/** What a rotation changed; nothing, where everything was there already. */
export interface Rotation {
  readonly versions: readonly { readonly ring: keyVersions.Ring; readonly version: number }[];
  /** The key that tokens can be verified by since now. */
  readonly published: string | undefined;
}

const rings = ['otp', 'mfa'] as const satisfies readonly keyVersions.Ring[];

/**
 * Makes the first version of each key ring that has none and publishes the signing key; with `rotate` every ring gets one more
 * version. Run twice at once, each version is added once. Old versions stay, and go on opening what they sealed.
 */
export async function rotateKeys(places: KeyPlaces, { rotate }: { rotate: boolean }): Promise<Rotation> {
  const added = [];
  for (const ring of rings) {
    const version = await addVersion(places, ring, rotate);
    if (version !== undefined) added.push({ ring, version });
  }
  return { versions: added, published: await publishSigningKey(places) };
}

async function addVersion(
  places: KeyPlaces,
  ring: keyVersions.Ring,
  evenIfThere: boolean,
): Promise<number | undefined> {
  const { table, kms, dataKeyId: keyId, now, deadline } = places;
  const { rows } = await table.readRange(keyVersions.ofRing(ring), deadline);
  const newest = Math.max(0, ...rows.map(({ version }) => version));
  if (newest > 0 && !evenIfThere) return undefined;
  const version = newest + 1;
  const wrapped = await newWrappedDataKey({ kms, keyId, ring });
  const isAdded = await put(places, keyVersions.addVersion(ring, { version, wrapped, created_at: now }));
  return isAdded ? version : undefined;
}

async function publishSigningKey(places: KeyPlaces): Promise<string | undefined> {
  const { table, kms, signingKeyId: keyId, now, deadline } = places;
  const { kid, public_key } = await fetchSigningKey({ kms, keyId });
  const { rows } = await table.readRange(keyVersions.ofSigning(), deadline);
  if (rows.some((key) => key.kid === kid)) return undefined;
  const isAdded = await put(places, keyVersions.addSigningKey({ kid, public_key, created_at: now }));
  return isAdded ? kid : undefined;
}

/** Whether it was this call that put it there: of several at once one does, and the others find it done. */
async function put({ table, deadline }: KeyPlaces, write: Write): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await table.commit([write], randomUUID(), deadline);
    if (outcome !== 'conflict') return outcome === 'committed';
    await pause(attempt, deadline);
  }
}
