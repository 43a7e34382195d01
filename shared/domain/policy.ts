/** Every number of the product, each with its reason. Nothing else in the repository states one of them. */

/** How often a caller may do something: a fixed window that begins at the first request in it. */
export interface Limit {
  readonly max: number;
  readonly windowSeconds: number;
  /** Whose budget it is. `account` is the canonical name that a caller claims to be, known or not. */
  readonly per: 'user' | 'ip' | 'account' | 'session';
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** SPEC §4, column "limit". A stage may override `max` and `windowSeconds` (CDK context `limits`). */
export const limits = {
  register: { max: 3, windowSeconds: hour, per: 'ip' },
  // One budget for every path that checks a password or a code of an account: login, step-up, /auth.
  login: { max: 5, windowSeconds: 5 * minute, per: 'account' },
  refresh: { max: 30, windowSeconds: minute, per: 'session' },
  config_create: { max: 10, windowSeconds: hour, per: 'user' },
  config_change: { max: 60, windowSeconds: minute, per: 'user' },
  generate: { max: 30, windowSeconds: minute, per: 'user' },
  validate: { max: 20, windowSeconds: minute, per: 'user' },
  bulk_generate: { max: 10, windowSeconds: minute, per: 'user' },
  resync: { max: 3, windowSeconds: hour, per: 'user' },
  reveal: { max: 10, windowSeconds: hour, per: 'user' },
  transfer: { max: 10, windowSeconds: hour, per: 'user' },
  mfa: { max: 10, windowSeconds: hour, per: 'user' },
  recovery_codes: { max: 5, windowSeconds: hour, per: 'user' },
  password_change: { max: 5, windowSeconds: hour, per: 'user' },
  profile: { max: 60, windowSeconds: minute, per: 'user' },
  api_keys: { max: 10, windowSeconds: hour, per: 'user' },
  audit_export: { max: 10, windowSeconds: hour, per: 'user' },
} as const satisfies Record<string, Limit>;

/** The name of a limit; also the policy name in the `RateLimit` headers. */
export type LimitName = keyof typeof limits;

export const otp = {
  digits: { min: 6, max: 8, default: 6 },
  // RFC 6238 §5.2 recommends 30 s; the seed allows 10 to 300.
  intervalSeconds: { min: 10, max: 300, default: 30 },
  // 2^53 − 1: the largest integer that JSON and the language carry exactly.
  counterMax: Number.MAX_SAFE_INTEGER,
  // RFC 6238 §5.2 recommends one step for the delay of the network; two is the most that SPEC allows.
  window: { min: 0, max: 2, default: 1 },
  lookAhead: { min: 0, max: 20, default: 3 },
  // RFC 4226 §4 R6: at least 128 bit. 80 bit only on request, since many services still issue such.
  secretBytes: { min: 16, minShort: 10, max: 128 },
  /** RFC 6238 §5.1: the key has the length of the HMAC output. */
  newSecretBytes: { sha1: 20, sha256: 32, sha512: 64 },
  resync: { counters: 100, steps: 20 },
  configsPerUser: 1000,
  nameLength: 100,
  issuerLength: 64,
  accountLength: 128,
  bulkIds: 50,
  importRows: 500,
  /** A transaction takes 100 items: two of each configuration, and the meter, the event, the session and the kept answer. */
  configsPerTransaction: 48,
  uriLength: 2048,
} as const;

/** `otpauth-migration://` payloads, VECTORS §5. */
export const migration = {
  version: 1,
  payloadBytes: 64 * 1024,
  entries: 1000,
  /** As Google Authenticator does it: a QR code of ten accounts is still read by a phone. */
  entriesPerPart: 10,
  /** What a QR code holds at level M, so that entries with long names get parts of fewer. */
  uriBytes: 2331,
  /** An answer of Lambda has 6 MB: a hundred of the largest QR codes stay below. Ordinary entries fill them with a thousand. */
  partsPerExport: 100,
  /** The format cannot say another one. */
  intervalSeconds: 30,
} as const;

/** SPEC §5.3: guesses of one configuration, or of one MFA secret. */
export const guessing = {
  waitFromFailure: 10,
  waitSecondsMax: 900,
  // SP 800-63B-4 §3.2.2: at most 100 consecutive failures.
  lockAtFailure: 100,
} as const;

export const account = {
  username: { min: 3, max: 50 },
  emailLength: 254,
  textLength: 100,
  password: { min: 12, maxBytes: 72, commonCount: 10_000 },
  /** About 0.3 s of a full core, the OWASP floor for bcrypt is 10. */
  bcryptCost: 12,
  accessLevel: { min: 0, max: 10 },
  /** Failures of password or code that lock a name. */
  lockAtFailure: 5,
  lockSeconds: 15 * minute,
  temporaryPasswordBytes: 15,
} as const;

export const session = {
  accessSeconds: 30 * minute,
  /** Absolute end of a session and of its last refresh token. */
  absoluteSeconds: 7 * day,
  idleMinutes: { min: 5, max: 1440, default: 30 },
  /** A session's last use is written at most this often: the idle end is exact to this. */
  touchSeconds: 60,
  freshSeconds: 5 * minute,
  /** A refresh token that was just used is answered once more: a lost answer or two tabs log nobody out. */
  refreshGraceSeconds: 10,
  clockSkewSeconds: 5,
  /** Ours are some 500 bytes; anything longer is refused before it is parsed. */
  tokenBytes: 4096,
} as const;

export const mfa = {
  /** As an authenticator app shows it. */
  issuer: 'OTP Service',
  // What every authenticator app understands: some ignore other values and show wrong codes.
  algorithm: 'sha1',
  pendingSeconds: 10 * minute,
  digits: 6,
  intervalSeconds: 30,
  window: 1,
  secretBytes: 20,
  /** Wrong codes after which a pending secret is given up. */
  pendingFailures: 10,
  recoveryCodes: 10,
  /** 80 bit: sixteen base32 characters, four groups of four. */
  recoveryCodeBytes: 10,
  /** scrypt with 16 MiB, some 40 ms: enough for 80 bit of randomness, and a new set of ten stays under half a second. */
  recoveryCodeHash: { cost: 2 ** 14, blockSize: 8, bytes: 32, saltBytes: 16 },
} as const;

export const apiKey = {
  nameLength: 100,
  perUser: 50,
  secretBytes: 32,
  keyIdLength: 10,
  /** `last_used_at` is written at most this often. */
  touchSeconds: hour,
} as const;

export const request = {
  /** All of one request: reads, retries of conflicts, the write. What the client sees ends within 5 s, the way to it included. */
  deadlineMs: 4500,
  bodyBytes: 64 * 1024,
  importBodyBytes: 1024 * 1024,
  jsonDepth: 20,
  /** The most that is asked for are the thousand ids of an export; each value that is wrong is answered with an error of its own. */
  jsonValues: 2000,
  retryAfterSeconds: 1,
  /**
   * Full jitter before facts are loaded again; the ceiling doubles from `first` to `max`. Not less at first: whoever has just come
   * would win against those who have waited, again and again.
   */
  backoffMs: { first: 60, max: 480 },
} as const;

export const page = {
  limit: { min: 1, max: 100, default: 100 },
  recent: { min: 1, max: 100, default: 10 },
  skipMax: 10_000,
  searchLength: 100,
  exportRows: 1000,
} as const;

export const idempotency = {
  keyLength: 128,
  keptSeconds: day,
  /** An answer that held a secret or a code is kept sealed, and only this long. */
  sealedSeconds: 10 * minute,
  /** A longer answer is kept compressed: that of a large import would not fit into an item, which takes 400 KB. */
  packedFromBytes: 16 * 1024,
} as const;

export const keys = {
  /** A data key unwrapped by KMS is held in memory this long. */
  heldSeconds: 15 * minute,
  reloadSeconds: 5,
  /** Verified tokens that a function remembers: a caller sends one for half an hour, and verifying it is a third of a request's own work. */
  verifiedTokens: 1000,
  rotateDays: 365,
  /** Three tries of a second, and the pauses between them, end before the deadline of a request. */
  kms: { attempts: 3, connectMs: 500, answerMs: 1000 },
} as const;

export const statistics = {
  days: 7,
  /** Seven full days back and today. */
  keptDays: 8,
} as const;

export const timeline = { hours: { min: 1, max: 720, default: 24 } } as const;

export const events = { daysDefault: 365 } as const;

/** The consumer of the table's stream. */
export const counting = {
  /** Less than the function's own timeout: what fails is told, and tried again. */
  deadlineMs: 8000,
  /** As many as TransactWriteItems takes. */
  itemsPerCommit: 100,
} as const;

/** How much of the trail of events one request reads at most; then its page is short, and the next one goes on. */
export const eventWalk = {
  rounds: 4,
  /** Of each strand in a round: as many as its share of the page, and some, since the shares are never quite even. */
  spareRows: 24,
  /** Some 600 bytes each, so that they fit into the megabyte that a Query answers. As many where a filter leaves rows out. */
  rowsMax: 1000,
} as const;

export const health = {
  /** Who asks for it every few seconds does not wait longer. */
  timeoutMs: 1500,
} as const;
