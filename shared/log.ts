import { Logger } from '@aws-lambda-powertools/logger';

/** The vocabulary of the log: each message, once. Fields stand beside it; prose, requests and secrets never. */
const messages = {
  REQUEST: 'request answered',
  REQUEST_FAILED: 'request failed inside',
  UNAVAILABLE: 'a dependency did not answer',
  UNSEAL_FAILED: 'a sealed secret does not open',
  TOKEN_REFUSED: 'token refused',
  REFRESH_REUSE: 'a used refresh token was presented again',
  ACCOUNT_LOCKED: 'a name was locked after failed log-ins',
  GUESS_LOCKED: 'a configuration was locked after wrong codes',
  POISON_RECORD: 'a stream record cannot be counted',
  KEY_VERSION_ADDED: 'a key ring has a new version',
  SIGNING_KEY_PUBLISHED: 'a signing key can be verified',
  SECRETS_RESEALED: 'secrets were sealed anew',
} as const;

/** The code of a log message. */
export type LogCode = keyof typeof messages;

/** What may stand beside a message. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** The metrics that alarms watch, in the namespace `OtpService`. */
export const metricNames = {
  failures: 'Failures',
  unavailable: 'Unavailable',
  kmsUnavailable: 'KmsUnavailable',
  unsealFailures: 'UnsealFailures',
  lockouts: 'Lockouts',
  refreshReuse: 'RefreshReuse',
  conflicts: 'Conflicts',
  poisonRecords: 'PoisonRecords',
} as const;

export const metricNamespace = 'OtpService';

// With the stage in it: stages of one account share a namespace, and an alarm of one must not hear the others.
const serviceName = `otp-service-${process.env['STAGE'] ?? 'local'}`;
const logger = new Logger({ serviceName });

/** From now on every line of this invocation carries the id by which the caller knows the request (`X-Request-Id`). */
export function logFor(requestId: string): void {
  logger.appendKeys({ request_id: requestId });
}

/** Writes one JSON line. `cause` is reduced to names and the stack of our own code: an SDK's message may hold a request. */
export function log(level: 'info' | 'warn' | 'error', code: LogCode, fields: LogFields = {}, cause?: unknown): void {
  logger[level](messages[code], { code, ...fields, ...(cause !== undefined && { error: describe(cause) }) });
}

/**
 * Counts one of what an alarm watches: a log line in CloudWatch's embedded metric format. Written here since it is this one shape;
 * Powertools' metrics would add 15 kB to every bundle.
 */
export function countMetric(name: keyof typeof metricNames): void {
  const metric = metricNames[name];
  const Metrics = [{ Name: metric, Unit: 'Count' }];
  const directive = { Namespace: metricNamespace, Dimensions: [['service']], Metrics };
  const _aws = { Timestamp: Date.now(), CloudWatchMetrics: [directive] };
  // Not by console.log, before whose words Lambda puts time and level: the format is a line that is JSON as a whole.
  process.stdout.write(`${JSON.stringify({ _aws, service: serviceName, [metric]: 1 })}\n`);
}

interface ErrorDescription {
  readonly name: string;
  readonly at: string[];
  readonly cause?: ErrorDescription;
}

function describe(error: unknown): ErrorDescription {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  const at = (error.stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 8);
  return {
    name: error.name,
    at: at.map((line) => line.trim()),
    ...(error.cause !== undefined && { cause: describe(error.cause) }),
  };
}
