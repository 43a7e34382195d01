import { hkdfSync } from 'node:crypto';
import { type Config, readConfig } from '../config.ts';
import { createTokenVerifier, type TokenVerifier } from '../crypto/tokens.ts';
import * as keyVersions from '../data/key-versions.ts';
import { openTable, type Table } from '../data/table.ts';
import { request } from '../domain/policy.ts';

/** The one module that reads the environment: what a function shares between its requests. */

export const config: Config = readConfig(process.env);

export const table: Table = openTable(config.tableName);

/** Verifies tokens by the public keys that stand in the table. */
export const tokenVerifier: TokenVerifier = createTokenVerifier({
  issuer: config.issuer,
  loadKeys: async () => (await table.readRange(keyVersions.ofSigning(), AbortSignal.timeout(request.deadlineMs))).rows,
});

/** A key of the stage for one purpose, which neither clients nor the table know. */
export function stageKey(purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', config.edgeKey, '', `otp-service ${purpose} 1`, 32));
}
