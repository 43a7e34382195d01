import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { SecretBinding } from '../../shared/crypto/envelope.ts';
import * as configs from '../../shared/data/configs.ts';
import type { Write } from '../../shared/data/expression.ts';
import type { Ring } from '../../shared/data/key-versions.ts';
import * as mfaFactors from '../../shared/data/mfa-factors.ts';
import * as secrets from '../../shared/data/secrets.ts';
import type { Table } from '../../shared/data/table.ts';
import { mfaBinding } from '../../shared/flows/mfa-binding.ts';
import { otpBinding } from '../../shared/flows/otp-binding.ts';
import { loadFacts } from '../../shared/http/facts.ts';

/** A sealed secret in the table: what it is bound to, and the write that puts the same secret in its place, sealed anew. */
export interface SealedItem {
  /** For a person who must look at it: no secret. */
  readonly name: string;
  readonly sealed: Uint8Array;
  readonly binding: SecretBinding;
  readonly reseal: (sealed: Uint8Array) => Write;
}

/** What the operator's walk over the table needs: no function may scan. */
export interface ScannedTable {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly table: Table;
}

type Row = Readonly<Record<string, unknown>>;

// Of all items that are walked over, of which secrets are a part.
const pageRows = 1000;
const deadlineMs = 30_000;

/**
 * Walks over all secrets of a ring, a page after the other. One whose configuration is gone, or that was just begun and ends by
 * itself (a pending MFA secret, a kept answer), is none that stays, and is left out.
 */
export async function* sealedItems(at: ScannedTable, ring: Ring): AsyncGenerator<SealedItem[]> {
  const { entity, read } = kinds[ring];
  let after: Record<string, unknown> | undefined;
  do {
    const answer = await at.client.send(
      new ScanCommand({
        TableName: at.tableName,
        FilterExpression: 'begins_with(pk, :entity)',
        ExpressionAttributeValues: { ':entity': `${entity}#` },
        ConsistentRead: true,
        Limit: pageRows,
        ...(after && { ExclusiveStartKey: after }),
      }),
    );
    yield await read(at, answer.Items ?? []);
    after = answer.LastEvaluatedKey;
  } while (after !== undefined);
}

const kinds = {
  otp: { entity: 'SECRET', read: readSecrets },
  mfa: { entity: 'MFA', read: readFactors },
} as const;

async function readSecrets({ table }: ScannedTable, rows: readonly Row[]): Promise<SealedItem[]> {
  const found = rows.map((row) => ({ owner: ownerOf(row), secret: secrets.ref(ownerOf(row), 0).schema.parse(row) }));
  const refs = found.map(({ owner, secret }) => configs.ref(owner, secret.id));
  const facts = await loadFacts(table, refs, AbortSignal.timeout(deadlineMs));
  return found.flatMap(({ owner, secret }) => {
    const config = facts.get(configs.ref(owner, secret.id));
    if (config === undefined) return [];
    return [
      {
        name: `configuration ${secret.id} of user ${owner}`,
        sealed: secret.sealed,
        binding: otpBinding(owner, config),
        reseal: (sealed: Uint8Array) => secrets.reseal(owner, secret, sealed),
      },
    ];
  });
}

async function readFactors(_: ScannedTable, rows: readonly Row[]): Promise<SealedItem[]> {
  return rows
    .filter(({ sk }) => sk === mfaFactors.activeRef('any').key.sk)
    .map((row) => {
      const owner = ownerOf(row);
      const factor = mfaFactors.activeRef(owner).schema.parse(row);
      return {
        name: `MFA of user ${owner}`,
        sealed: factor.sealed,
        binding: mfaBinding(owner, factor.factor_id),
        reseal: (sealed: Uint8Array) => mfaFactors.reseal(owner, factor, sealed),
      };
    });
}

function ownerOf({ pk }: Row): string {
  const owner = typeof pk === 'string' ? pk.split('#')[1] : undefined;
  if (owner === undefined) throw new Error('an item without an owner');
  return owner;
}
