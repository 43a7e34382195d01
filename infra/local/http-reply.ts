import { isRecord, parseJson } from './json.ts';

/** An answer as the gateway sends it. */
export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: Buffer;
}

/** An answer that the gateway gives itself, in the words of API Gateway. */
export function ownReply(status: number, message: string): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify({ message })) };
}

/** What API Gateway answers when a function failed, or gave something that is no response. */
export const internalError = () => ownReply(500, 'Internal Server Error');

/**
 * Reads a function's answer in payload format 2.0. One without `statusCode` is a body of JSON with status 200; one that
 * does not have the form is an internal error.
 */
export function readReply(payload: string): Reply {
  const answer = parseJson(payload);
  if (!isRecord(answer) || answer.statusCode === undefined) {
    const body = typeof answer === 'string' ? answer : payload;
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = answer;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return internalError();
  if (body !== undefined && body !== null && typeof body !== 'string') return internalError();
  const sent: Record<string, string | string[]> = { 'content-type': 'text/plain; charset=utf-8' };
  for (const [name, value] of Object.entries(isRecord(headers) ? headers : {}))
    sent[name.toLowerCase()] = String(value);
  if (Array.isArray(cookies)) sent['set-cookie'] = cookies.map(String);
  return { status, headers: sent, body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8') };
}
