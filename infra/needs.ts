import type { Operation } from '../shared/api/index.ts';
import type { Contract } from '../shared/api/route.ts';
import type { RingName } from '../shared/crypto/keyring.ts';
import type { Entity, IndexName } from '../shared/data/table-map.ts';
import { limits } from '../shared/domain/policy.ts';

/**
 * The audit page: what each function may touch, beyond what every route of its kind may (`grantsFor`, at the end).
 * A row grants nothing to any other function. Actions are IAM's, without `dynamodb:`; a transaction needs those of its
 * parts. There is no Scan, and events are only ever put and queried.
 */
export interface Needs {
  /** What it does with which class of item; `ENTITY#owner` narrows the class to one partition. */
  readonly items?: Partial<Record<ItemClass, readonly ItemAction[]>>;
  /** Which partitions of an index it queries. */
  readonly indexes?: Partial<Record<IndexName, readonly string[]>>;
  /** Key rings whose data keys it unwraps (kms:Decrypt with the ring's encryption context). */
  readonly opens?: readonly RingName[];
  /** Key rings for which it makes data keys that it never sees (kms:GenerateDataKeyWithoutPlaintext). */
  readonly wraps?: readonly RingName[];
  /** Issues tokens (kms:Sign). */
  readonly signs?: true;
  /** Reads the public half of the signing key from KMS. */
  readonly publishes?: true;
  /** Asks KMS whether the keys are there. */
  readonly describesKeys?: true;
  /** Reads the table's stream. */
  readonly readsStream?: true;
  /** Hashes passwords or recovery codes: needs a whole core and is capped, so that a flood of it starves nothing else. */
  readonly hashesPasswords?: true;
  /** Knows whether registration is open. */
  readonly registers?: true;
}

export type ItemAction =
  | 'BatchGetItem'
  | 'GetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'ConditionCheckItem';

export type ItemClass = Entity | `${Entity}#${string}`;

/** Functions that no route leads to. */
export type UnroutedOperation = 'service/not-found' | 'stream/count-events' | 'keys/rotate';

/** One row a function. */
export const needs: Record<Operation | UnroutedOperation, Needs> = {
  'service/describe-service': { registers: true },
  'service/check-health': { items: { 'KEYRING#signing': ['Query'] }, describesKeys: true },
  'service/read-time': {},
  'service/read-openapi': {},
  'service/read-docs': {},
  'service/read-jwks': { items: { 'KEYRING#signing': ['Query'] } },
  'service/not-found': {},

  'users/register-user': {
    items: {
      USER: ['BatchGetItem', 'PutItem'],
      CREDENTIAL: ['PutItem'],
      USERNAME: ['PutItem'],
      EMAIL: ['BatchGetItem', 'PutItem'],
      METER: ['PutItem'],
    },
    hashesPasswords: true,
    registers: true,
  },
  'users/list-users': { items: { LOGIN: ['BatchGetItem'] }, indexes: { listing: ['USERS#*'] } },
  'users/read-me': {},
  'users/change-me': { items: { USER: ['UpdateItem'], EMAIL: ['BatchGetItem', 'PutItem', 'DeleteItem'] } },
  'users/change-password': {
    items: {
      USER: ['UpdateItem'],
      CREDENTIAL: ['BatchGetItem', 'UpdateItem'],
      LOGIN: ['BatchGetItem', 'UpdateItem'],
    },
    hashesPasswords: true,
  },
  'users/step-up': {
    items: { CREDENTIAL: ['BatchGetItem'], MFA: ['BatchGetItem', 'UpdateItem'] },
    opens: ['mfa'],
    hashesPasswords: true,
  },
  'users/enable-mfa': { items: { MFA: ['PutItem'] }, opens: ['mfa'] },
  'users/verify-mfa': {
    items: { USER: ['UpdateItem'], MFA: ['BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'] },
    opens: ['mfa'],
    hashesPasswords: true,
  },
  'users/disable-mfa': { items: { USER: ['UpdateItem'], MFA: ['DeleteItem'] } },
  'users/create-recovery-codes': { items: { MFA: ['BatchGetItem', 'PutItem'] }, hashesPasswords: true },
  'users/count-recovery-codes': { items: { MFA: ['BatchGetItem'] } },
  'users/list-sessions': { items: { SESSION: ['Query'] } },
  'users/end-other-sessions': { items: { USER: ['UpdateItem'], SESSION: ['Query'] } },
  'users/end-session': { items: { SESSION: ['DeleteItem'] } },
  'users/read-user': { items: { LOGIN: ['BatchGetItem'] } },
  'users/change-user': { items: { USER: ['UpdateItem'], LOGIN: ['BatchGetItem'], ROSTER: ['UpdateItem'] } },
  'users/unlock-user': { items: { LOGIN: ['UpdateItem'] } },
  'users/reset-password': { items: { USER: ['UpdateItem'], CREDENTIAL: ['UpdateItem'] }, hashesPasswords: true },
  'users/reset-mfa': { items: { USER: ['UpdateItem'], MFA: ['DeleteItem'] } },
  'users/end-user-sessions': { items: { USER: ['UpdateItem'], SESSION: ['Query'] } },

  'token/create-token': {
    items: {
      USER: ['BatchGetItem', 'UpdateItem'],
      CREDENTIAL: ['BatchGetItem'],
      MFA: ['BatchGetItem', 'UpdateItem'],
      SESSION: ['PutItem'],
    },
    opens: ['mfa'],
    signs: true,
    hashesPasswords: true,
  },
  'token/refresh-token': { items: { USER: ['BatchGetItem'], SESSION: ['UpdateItem', 'DeleteItem'] }, signs: true },
  'token/revoke-token': { items: { USER: ['BatchGetItem'], SESSION: ['DeleteItem'] } },
  'auth/authenticate': {
    items: {
      'KEYRING#signing': ['Query'],
      USER: ['BatchGetItem', 'PutItem', 'UpdateItem'],
      CREDENTIAL: ['BatchGetItem', 'PutItem'],
      USERNAME: ['PutItem'],
      EMAIL: ['BatchGetItem', 'PutItem'],
      METER: ['BatchGetItem', 'PutItem'],
      LIMIT: ['BatchGetItem', 'UpdateItem'],
      MFA: ['BatchGetItem', 'UpdateItem'],
      SESSION: ['BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'],
      APIKEY: ['BatchGetItem'],
    },
    opens: ['mfa'],
    signs: true,
    hashesPasswords: true,
    registers: true,
  },

  'otp/create-config': { items: { CONFIG: ['PutItem'], SECRET: ['PutItem'] }, opens: ['otp'] },
  'otp/list-configs': { items: { CONFIG: ['Query'] } },
  'otp/read-config': { items: { CONFIG: ['BatchGetItem'] } },
  'otp/change-config': { items: { CONFIG: ['BatchGetItem', 'UpdateItem'] } },
  'otp/delete-config': { items: { CONFIG: ['BatchGetItem', 'DeleteItem'], SECRET: ['DeleteItem'] } },
  'otp/resync-config': {
    items: { CONFIG: ['BatchGetItem', 'UpdateItem'], SECRET: ['BatchGetItem'] },
    opens: ['otp'],
  },
  'otp/reveal-config': { items: { CONFIG: ['BatchGetItem'], SECRET: ['BatchGetItem'] }, opens: ['otp'] },
  'otp/unlock-config': { items: { CONFIG: ['BatchGetItem', 'UpdateItem'] } },
  'otp/import-configs': {
    items: { CONFIG: ['Query', 'PutItem'], SECRET: ['Query', 'PutItem'] },
    opens: ['otp'],
  },
  'otp/export-configs': { items: { CONFIG: ['Query'], SECRET: ['Query'] }, opens: ['otp'] },
  'otp/generate-code': {
    items: { CONFIG: ['BatchGetItem', 'UpdateItem'], SECRET: ['BatchGetItem'] },
    opens: ['otp'],
  },
  'otp/validate-code': {
    items: { CONFIG: ['BatchGetItem', 'UpdateItem'], SECRET: ['BatchGetItem'] },
    opens: ['otp'],
  },
  'otp/bulk-generate-codes': { items: { CONFIG: ['BatchGetItem'], SECRET: ['BatchGetItem'] }, opens: ['otp'] },

  'otp/read-stats': {},
  'otp/read-enhanced-stats': {},
  'otp/list-recent-events': { items: { EVENT: ['Query'] } },
  'user/read-metrics': {},
  'system/read-metrics': {
    items: { 'COUNT#system': ['BatchGetItem'], 'COUNT#hours': ['Query'], 'COUNT#locks': ['Query'] },
  },

  'audit/list-logs': { items: { EVENT: ['Query'] }, indexes: { audit: ['AUDIT#*'] } },
  'audit/read-timeline': { items: { 'COUNT#hours': ['Query'] } },
  'audit/export-logs': { items: { EVENT: ['Query'] }, indexes: { audit: ['AUDIT#*'] } },

  'api-keys/create-api-key': { items: { APIKEY: ['PutItem'], CONFIG: ['BatchGetItem'] } },
  'api-keys/list-api-keys': { items: { APIKEY: ['Query'] } },
  'api-keys/delete-api-key': { items: { APIKEY: ['DeleteItem'] } },

  'stream/count-events': {
    items: { COUNT: ['BatchGetItem', 'PutItem', 'UpdateItem'], USER: ['BatchGetItem'] },
    readsStream: true,
  },
  'keys/rotate': { items: { KEYRING: ['Query', 'PutItem'] }, wraps: ['otp', 'mfa'], publishes: true },
};

/** The row of a function; throws where somebody forgot it. */
export function needsOf(operation: string): Needs {
  const row = Object.entries(needs).find(([name]) => name === operation)?.[1];
  if (!row) throw new Error(`infra/needs.ts has no row for ${operation}.`);
  return row;
}

/** What a function may do in all: its row and what every route of its kind may. */
export interface Grants extends Omit<Needs, 'items'> {
  /** By action, the leading keys that it may name, sorted. */
  readonly items: ReadonlyMap<ItemAction, readonly string[]>;
  readonly opens: readonly RingName[];
}

/** All grants of a function; without a contract those of its row alone. */
export function grantsFor(contract: Contract | undefined, row: Needs): Grants {
  const opens = ringsOf(contract, row);
  const rows: Items[] = [
    row.items ?? {},
    ...(contract ? ofKind(contract) : []),
    ...opens.map((ring) => readsRing[ring]),
  ];
  const items = new Map<ItemAction, Set<string>>();
  for (const [itemClass, actions] of rows.flatMap((items) => Object.entries(items))) {
    for (const action of actions ?? []) {
      items.set(action, (items.get(action) ?? new Set()).add(leadingKey(itemClass)));
    }
  }
  return { ...row, opens, items: new Map([...items].sort().map(([action, keys]) => [action, withoutCovered(keys)])) };
}

type Items = NonNullable<Needs['items']>;

/** What every route of a kind touches, whatever its endpoint does. */
function* ofKind(contract: Contract): Generator<Items> {
  const { who, scope, limit, idempotency } = contract;
  if (who !== 'public') {
    yield { 'KEYRING#signing': ['Query'] };
    yield { SESSION: ['BatchGetItem', 'UpdateItem'], USER: ['BatchGetItem'], METER: ['BatchGetItem'] };
    // Without a scope too: an API key is recognised before it is told that this is not for keys.
    yield { APIKEY: ['BatchGetItem'] };
  }
  if (scope) yield { APIKEY: ['UpdateItem'] };
  if (who !== 'public' || limit) yield { EVENT: ['PutItem'] };
  if (idempotency) yield { IDEM: ['BatchGetItem', 'PutItem'] };
  if (limit) yield budgetOf[limits[limit].per];
}

/** Where the budget of a limit is kept, by whose it is. */
const budgetOf: Record<(typeof limits)[keyof typeof limits]['per'], Items> = {
  user: { METER: ['BatchGetItem', 'UpdateItem'] },
  ip: { LIMIT: ['BatchGetItem', 'UpdateItem'] },
  account: { LOGIN: ['BatchGetItem', 'UpdateItem'] },
  // The budget of a session stands on the session, which a token names and the endpoint itself writes.
  session: { 'KEYRING#signing': ['Query'], SESSION: ['BatchGetItem'] },
};

/** A ring that seals the answer kept for an Idempotency-Key is opened too. */
function ringsOf(contract: Contract | undefined, row: Needs): RingName[] {
  const sealing: Record<NonNullable<Contract['idempotency']>, readonly RingName[]> = {
    kept: [],
    'sealed-otp': ['otp'],
    'sealed-mfa': ['mfa'],
  };
  const kept = contract?.idempotency ? sealing[contract.idempotency] : [];
  return [...new Set([...(row.opens ?? []), ...kept])].sort();
}

const readsRing = {
  otp: { 'KEYRING#otp': ['Query'] },
  mfa: { 'KEYRING#mfa': ['Query'] },
} as const satisfies Record<RingName, Items>;

function leadingKey(itemClass: string): string {
  return itemClass.includes('#') ? itemClass : `${itemClass}#*`;
}

function withoutCovered(keys: ReadonlySet<string>): string[] {
  return [...keys].filter((key) => key.endsWith('#*') || !keys.has(`${key.slice(0, key.indexOf('#'))}#*`)).sort();
}

/** The policy that a function's role carries, in words, for `npm run routes`. */
export function describeGrants({ items, indexes, opens, wraps, signs, publishes }: Grants): string {
  const parts = [
    ...[...items].map(([action, keys]) => `${action} ${keys.join(' ')}`),
    ...Object.entries(indexes ?? {}).map(([index, keys]) => `Query ${index}: ${keys?.join(' ')}`),
    ...opens.map((ring) => `opens ${ring}`),
    ...(wraps ?? []).map((ring) => `wraps ${ring}`),
    ...(signs ? ['signs'] : []),
    ...(publishes ? ['reads the public key'] : []),
  ];
  return parts.join(' · ') || 'nothing';
}
