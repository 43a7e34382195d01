import type { Answer } from '../local/testing.ts';

/** An answer without what differs from one request to the next: two that nobody may tell apart are equal by it. */
export function comparableAnswer({ status, headers, text, requestId }: Answer) {
  const { date: _d, 'x-request-id': _x, 'apigw-requestid': _a, ratelimit: _l, ...rest } = headers;
  return { status, headers: rest, text: text.replaceAll(requestId, '') };
}
