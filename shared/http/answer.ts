import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type ProblemCode, ProblemError, type ProblemExtras, problemBody, statusOf } from '../api/problems.ts';
import type { Contract } from '../api/route.ts';
import { SecretDoesNotOpen } from '../crypto/envelope.ts';
import { KmsUnavailable } from '../crypto/kms-unavailable.ts';
import { TableUnavailable } from '../data/table.ts';
import { request } from '../domain/policy.ts';
import { countMetric, log } from '../log.ts';
import type { Done } from './load-decide-commit.ts';

type Response = APIGatewayProxyStructuredResultV2;

/** The HTTP answer of a request that was decided and written. */
export function answerDone<C extends Contract>(contract: C, done: Done<C>, requestId: string): Response {
  const { outcome, replayed, headers } = done;
  if (replayed !== undefined) {
    // By the contract once more: so it is the first answer to the byte, the order of its fields too.
    return jsonAnswer(replayed.status, contract.reply.schema.parse(replayed.body), requestId, headers);
  }
  if ('refuse' in outcome) return problemAnswer(outcome.refuse, requestId, outcome.extras, headers, outcome.cookies);
  const all = { ...headers, ...outcome.headers };
  const status = outcome.status ?? contract.reply.status;
  if (contract.reply.contentType !== undefined && typeof outcome.reply === 'string') {
    const contentType = outcome.contentType ?? contract.reply.contentType[0] ?? 'text/plain';
    return {
      statusCode: status,
      headers: { ...common(requestId), ...all, 'Content-Type': `${contentType}; charset=utf-8` },
      body: outcome.reply,
    };
  }
  // What the contract does not name does not leave, whatever an item or a spread brought along.
  return jsonAnswer(status, contract.reply.schema.parse(outcome.reply), requestId, all, outcome.cookies);
}

/** The answer for whatever was thrown: a problem as it is, a dependency that fails as 503, all else as 500 without a word. */
export function answerError(error: unknown, requestId: string): Response {
  if (error instanceof ProblemError) return problemAnswer(error.code, requestId, error.extras);
  if (error instanceof KmsUnavailable || error instanceof TableUnavailable) {
    countMetric(error instanceof KmsUnavailable ? 'kmsUnavailable' : 'unavailable');
    log('warn', 'UNAVAILABLE', {}, error);
    return problemAnswer('try_again', requestId, { retryAfterSeconds: request.retryAfterSeconds });
  }
  if (error instanceof SecretDoesNotOpen) {
    countMetric('unsealFailures');
    log('error', 'UNSEAL_FAILED', {}, error);
    return problemAnswer('internal_error', requestId);
  }
  countMetric('failures');
  log('error', 'REQUEST_FAILED', {}, error);
  return problemAnswer('internal_error', requestId);
}

function jsonAnswer(
  status: number,
  body: unknown,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
  cookies?: readonly string[],
): Response {
  return {
    statusCode: status,
    headers: { ...common(requestId), 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
    ...(cookies && { cookies: [...cookies] }),
  };
}

function problemAnswer(
  code: ProblemCode,
  requestId: string,
  extras: ProblemExtras = {},
  headers: Readonly<Record<string, string>> = {},
  cookies?: readonly string[],
): Response {
  const status = statusOf(code);
  return {
    statusCode: status,
    headers: {
      ...common(requestId),
      'Content-Type': 'application/problem+json',
      ...headers,
      ...extras.headers,
      // RFC 6750 §3: what a client that has no credential, or an old one, is told.
      ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
      ...(extras.retryAfterSeconds !== undefined && { 'Retry-After': String(extras.retryAfterSeconds) }),
    },
    body: JSON.stringify(problemBody(code, requestId, extras)),
    ...(cookies && { cookies: [...cookies] }),
  };
}

function common(requestId: string): Record<string, string> {
  return { 'Cache-Control': 'no-store', 'X-Request-Id': requestId };
}
