/**
 * The table on one page: every class of item, its key, who reads it how, and the indexes.
 *
 * The entity word leads the partition key because IAM sees partition keys only: `dynamodb:LeadingKeys` then says, per function,
 * which classes of item it may touch. Ids never contain `#`.
 *
 * | item                        | sort key            | read by                                                            |
 * | --------------------------- | ------------------- | ------------------------------------------------------------------ |
 * | USER#user                   | PROFILE             | every authenticated request; administration                        |
 * | CREDENTIAL#user             | PASSWORD            | log-in, step-up, password change                                   |
 * | LOGIN#user                  | GUARD               | log-in, step-up (limit, failures, lock; also of names nobody has)  |
 * | USERNAME#name               | CLAIM               | search by prefix, through `listing`                                |
 * | EMAIL#address               | CLAIM               | registration, profile; search by prefix, through `listing`         |
 * | ROSTER#admins               | ROSTER              | administration: the last active administrator stays                |
 * | MFA#user                    | ACTIVE, PENDING     | log-in, step-up, MFA                                               |
 * | MFA#user                    | RECOVERY            | log-in, step-up, recovery codes                                    |
 * | SESSION#user                | digest of sid       | every request with a token; Query: one's sessions                  |
 * | METER#user                  | METER               | every limited request: limits, totals, the last eight days         |
 * | LIMIT#address               | name of the limit   | registration, by client address                                    |
 * | CONFIG#user                 | id, ten digits      | codes; Query: one's configurations                                 |
 * | SECRET#user                 | id, ten digits      | codes, reveal, export                                              |
 * | APIKEY#user                 | id of the key       | every request with an API key; Query: one's keys                   |
 * | EVENT#user                  | class#instant#id    | Query: one's OTP events (class otp), audit by user (otp, account)  |
 * | IDEM#user, IDEM#anonymous   | digest of the key   | every request with an Idempotency-Key                              |
 * | KEYRING#otp, KEYRING#mfa    | version, six digits | Query: what opens secrets, once per 15 min                         |
 * | KEYRING#signing             | key id              | Query: what verifies tokens, once per 15 min                       |
 * | COUNT#system                | TOTALS              | system metrics                                                     |
 * | COUNT#hours                 | hour                | Query: timeline, the last 24 hours, hours that a filter finds      |
 * | COUNT#locks                 | minute it ends      | Query: system metrics, accounts that are locked now                |
 * | COUNT#days                  | day#user            | the stream's consumer: who was active that day, once per user      |
 * | COUNT#shards                | shard               | the stream's consumer: how far it has counted                      |
 */

/** The entity words, each the beginning of a partition key and the unit of a grant. */
export const entities = [
  'USER',
  'CREDENTIAL',
  'LOGIN',
  'USERNAME',
  'EMAIL',
  'ROSTER',
  'MFA',
  'SESSION',
  'METER',
  'LIMIT',
  'CONFIG',
  'SECRET',
  'APIKEY',
  'EVENT',
  'IDEM',
  'KEYRING',
  'COUNT',
] as const;

export type Entity = (typeof entities)[number];

/** The primary key of an item. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Builds a key; refuses what would let a client's text reach into another partition. */
export function keyOf(entity: Entity, owner: string, sk: string): Key {
  return { pk: partitionOf(entity, owner), sk };
}

/** The partition key of an owner's items of one class. */
export function partitionOf(entity: Entity, owner: string): string {
  if (owner === '' || owner.includes('#')) throw new Error(`not an owner of ${entity} items`);
  return `${entity}#${owner}`;
}

/** A configuration's id as sort key: ten digits, so that the order of text is the order of numbers. */
export function sortableId(id: number): string {
  return String(id).padStart(10, '0');
}

export const attributes = { partitionKey: 'pk', sortKey: 'sk', timeToLive: 'ttl' } as const;

/** The secondary indexes: each exists for the access patterns named. */
export const indexes = {
  /** Users by creation (`USERS#created`), and by the beginning of name or e-mail (`USERS#text`), in one query. */
  listing: { partitionKey: 'listing_pk', sortKey: 'listing_sk', projection: ['user_id'] },
  /** Events of everybody by time, spread over shards (`AUDIT#0`): audit without a user, export. */
  audit: { partitionKey: 'audit_pk', sortKey: 'audit_sk', projection: 'all' },
} as const;

export type IndexName = keyof typeof indexes;

/**
 * Events are spread over so many index partitions: each takes 1,000 writes a second. Not by hour besides: the shards of the hour
 * that is written to would take no more, and a reader would have to know in which hours there is something to read.
 */
export const auditShards = 4;
