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
let request: { readonly request_id?: string; readonly xray_trace_id?: string | undefined } = {};

/** From now on every line of this invocation carries the id by which the caller knows the request (`X-Request-Id`), and its trace's. */
export function logFor(requestId: string): void {
  // An instance has one event at a time, and Lambda sets the variable for each.
  const trace = /Root=([^;]+)/.exec(process.env['_X_AMZN_TRACE_ID'] ?? '')?.[1];
  request = { request_id: requestId, xray_trace_id: trace };
}

/** Writes one JSON line. `cause` is reduced to names and the stack of our own code: an SDK's message may hold a request. */
export function log(level: 'info' | 'warn' | 'error', code: LogCode, fields: LogFields = {}, cause?: unknown): void {
  writeLine({
    level: level.toUpperCase(),
    timestamp: new Date().toISOString(),
    service: serviceName,
    ...request,
    code,
    message: messages[code],
    ...fields,
    ...(cause !== undefined && { error: describe(cause) }),
  });
}

/** Counts one of what an alarm watches: a log line in CloudWatch's embedded metric format. */
export function countMetric(name: keyof typeof metricNames): void {
  const metric = metricNames[name];
  const Metrics = [{ Name: metric, Unit: 'Count' }];
  const directive = { Namespace: metricNamespace, Dimensions: [['service']], Metrics };
  const _aws = { Timestamp: Date.now(), CloudWatchMetrics: [directive] };
  writeLine({ _aws, service: serviceName, [metric]: 1 });
}

// Not by console.log, before whose words Lambda puts time and level: a line is JSON as a whole.
function writeLine(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
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
