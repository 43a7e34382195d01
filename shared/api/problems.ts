/**
 * Every problem that a client may see (RFC 9457): its stable code, status, title and a sentence that a person can act on.
 * `fail('config_not_found')` raises one; whatever else is thrown is answered as `internal_error`.
 */
const table = {
  malformed_json: [400, 'Malformed JSON', 'The body is not valid JSON.'],
  malformed_cursor: [400, 'Malformed cursor', 'The cursor is not one that this list gave you. Start again without it.'],
  authentication_required: [
    401,
    'Authentication required',
    'Send a valid access token or API key as “Authorization: Bearer …”.',
  ],
  invalid_credentials: [401, 'Invalid credentials', 'The username, password or code is not right.'],
  invalid_refresh_token: [401, 'Invalid refresh token', 'The session has ended. Log in again.'],
  admin_required: [403, 'Administrator required', 'Only an administrator may do this.'],
  scope_missing: [403, 'Scope missing', 'The API key does not have the scope that this needs.'],
  user_token_required: [
    403,
    'User token required',
    'This cannot be done with an API key. Log in and use an access token.',
  ],
  fresh_session_required: [
    403,
    'Fresh session required',
    'Confirm your password at /users/me/step-up and try again within 5 minutes.',
  ],
  password_change_required: [
    403,
    'Password change required',
    'Change your password at /users/me/change-password first.',
  ],
  cross_origin_refused: [403, 'Cross-origin refused', 'Only pages of the console’s own origin may use its cookie.'],
  registration_closed: [403, 'Registration closed', 'New accounts are made by an administrator.'],
  route_not_found: [404, 'Not found', 'There is no such path. See /docs.'],
  config_not_found: [404, 'Configuration not found', 'You have no configuration with this id.'],
  user_not_found: [404, 'User not found', 'There is no user with this id.'],
  session_not_found: [404, 'Session not found', 'You have no session with this id.'],
  api_key_not_found: [404, 'API key not found', 'You have no API key with this id.'],
  method_not_allowed: [405, 'Method not allowed', 'This path does not take this method. See /docs.'],
  username_taken: [409, 'Username taken', 'Choose another username.'],
  email_taken: [409, 'E-mail taken', 'An account with this e-mail address exists already.'],
  config_inactive: [409, 'Configuration inactive', 'Set is_active to true before you generate codes.'],
  config_locked: [409, 'Configuration locked', 'Too many wrong codes were tried. Wait, or unlock the configuration.'],
  config_not_hotp: [409, 'Not a HOTP configuration', 'Only a HOTP configuration has a counter to increment.'],
  counter_exhausted: [409, 'Counter exhausted', 'The counter has reached its end. Create a new configuration.'],
  too_many_configs: [409, 'Too many configurations', 'Delete a configuration before you create another.'],
  too_many_api_keys: [409, 'Too many API keys', 'Delete an API key before you create another.'],
  codes_do_not_match: [409, 'Codes do not match', 'These are not two consecutive codes of this configuration.'],
  mfa_already_enabled: [409, 'MFA is on already', 'Disable MFA before you set it up again.'],
  mfa_not_enabled: [409, 'MFA is off', 'Enable MFA first.'],
  mfa_not_pending: [409, 'No MFA set-up pending', 'Start again at /users/me/mfa/enable.'],
  invalid_mfa_code: [409, 'Wrong code', 'The code is not right or was used already. Wait for the next one.'],
  wrong_password: [403, 'Wrong password', 'The password or code is not right.'],
  last_administrator: [409, 'Last administrator', 'At least one active administrator must remain.'],
  idempotency_key_reused: [409, 'Idempotency key reused', 'This Idempotency-Key was used with another request.'],
  body_too_large: [413, 'Body too large', 'Send a smaller body.'],
  not_json: [415, 'Not JSON', 'Send the body as “Content-Type: application/json”.'],
  invalid_request: [422, 'Invalid request', 'The request does not have the required form; see “errors”.'],
  account_locked: [423, 'Locked', 'Too many failed attempts. Try again later.'],
  rate_limited: [429, 'Too many requests', 'Wait before you try again; see “Retry-After”.'],
  internal_error: [500, 'Internal error', 'Something went wrong on our side. Quote the request id when you report it.'],
  try_again: [503, 'Try again', 'The service could not finish this now. Try again.'],
} as const satisfies Record<string, readonly [status: number, title: string, detail: string]>;

/** The stable, machine-readable name of a problem. */
export type ProblemCode = keyof typeof table;

/** The body of every error answer, `application/problem+json`. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ProblemCode;
  request_id: string;
  errors?: FieldError[];
}

/** One field of a request that is not as the contract says. */
export interface FieldError {
  path: string;
  message: string;
}

/** What may stand beside a problem: fields at fault, seconds to wait, another sentence. */
export interface ProblemExtras {
  errors?: FieldError[];
  retryAfterSeconds?: number | undefined;
  detail?: string;
  headers?: Readonly<Record<string, string>>;
}

/** A refusal that the client sees. Everything else that is thrown stays inside. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;

  constructor(code: ProblemCode, extras: ProblemExtras = {}, options?: ErrorOptions) {
    super(code, options);
    this.name = 'ProblemError';
    this.code = code;
    this.extras = extras;
  }
}

/** Makes the problem `code`, to be thrown: `throw fail('config_not_found')`. */
export function fail(code: ProblemCode, extras?: ProblemExtras, options?: ErrorOptions): ProblemError {
  return new ProblemError(code, extras, options);
}

/** The HTTP status of a problem. */
export function statusOf(code: ProblemCode): number {
  return table[code][0];
}

/** The body of the answer for a problem. */
export function problemBody(code: ProblemCode, requestId: string, extras: ProblemExtras = {}): Problem {
  const [status, title, detail] = table[code];
  return {
    type: `https://otp-service.example/problems/${code}`,
    title,
    status,
    detail: extras.detail ?? detail,
    code,
    request_id: requestId,
    ...(extras.errors && { errors: extras.errors }),
  };
}

/** All problems, for OpenAPI and the documentation. */
export const problemCodes = Object.keys(table).filter((code): code is ProblemCode => code in table);
