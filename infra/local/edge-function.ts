import type { IncomingHttpHeaders } from 'node:http';
import { createContext, Script } from 'node:vm';
import { isRecord } from './json.ts';

/** A viewer's request, as far as a CloudFront function may change it. */
export interface ViewerRequest {
  readonly method: string;
  readonly uri: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ip: string;
}

/** What a function made of a request: it may write the path and the headers anew. */
export type EdgeFunction = (request: ViewerRequest) => ViewerRequest;

const timeoutMs = 1000;

/** Runs the code of a CloudFront function (cloudfront-js-2.0, viewer request) as it stands in the template. */
export function edgeFunction(code: string): EdgeFunction {
  const context = createContext({ console });
  new Script(code).runInContext(context, { timeout: timeoutMs });
  const call = new Script('JSON.stringify(handler(JSON.parse(event)))');

  return (request) => {
    const { method, uri, query, headers, ip } = request;
    // Cookies and query stand apart in CloudFront's event; functions here leave them as they are.
    const { cookie, ...others } = headers;
    const event = {
      version: '1.0',
      context: { eventType: 'viewer-request' },
      viewer: { ip },
      request: { method, uri, querystring: {}, cookies: {}, headers: wrapped(others) },
    };
    context.event = JSON.stringify(event);
    const answer: unknown = JSON.parse(String(call.runInContext(context, { timeout: timeoutMs })));
    if (!isRecord(answer) || typeof answer.uri !== 'string')
      throw new Error('The CloudFront function gave no request back.');
    const changed = unwrapped(answer.headers);
    return { method, uri: answer.uri, query, ip, headers: cookie === undefined ? changed : { ...changed, cookie } };
  };
}

/** The headers of a request, one text each. */
export function flatHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const flat = Object.entries(headers).flatMap(([name, value]) => {
    return value === undefined ? [] : [[name, typeof value === 'string' ? value : value.join(', ')] as const];
  });
  return Object.fromEntries(flat);
}

function wrapped(headers: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { value }]));
}

function unwrapped(headers: unknown): Record<string, string> {
  const entries = Object.entries(isRecord(headers) ? headers : {});
  return Object.fromEntries(entries.map(([name, entry]) => [name, isRecord(entry) ? String(entry.value) : '']));
}
