import type { IncomingHttpHeaders } from 'node:http';
import { decode, type RouteMatch } from './http-routes.ts';
import { local } from './template.ts';

/** A request as the gateway got it. */
export interface GatewayRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly requestId: string;
  readonly traceId: string;
  readonly now: number;
  readonly apiId: string;
  readonly port: number;
}

// Of one connection only, or named by the gateway itself: a function never sees what the client wrote there.
const ownHeaders = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'proxy-authorization',
  'proxy-connection',
  'x-amzn-trace-id',
  'x-forwarded-port',
  'x-forwarded-proto',
  'cookie',
]);

// Measured on AWS: these arrive as text, every other type as base64, a form and a missing type too.
const textType = /^(text\/|application\/(json|javascript|xml)\b)/i;

/** The event of payload format 2.0 (API Gateway developer guide, “Lambda proxy integrations for HTTP APIs”). */
export function httpEvent(request: GatewayRequest, { route, pathParameters }: RouteMatch) {
  const { method, sourceIp, requestId, now, body } = request;
  const [path = '', ...query] = request.target.split('?');
  const rawQueryString = query.join('?');
  const rawPath = decode(path);
  const headers = forwardedHeaders(request);
  const cookies = request.headers.cookie
    ?.split(';')
    .map((cookie) => cookie.trim())
    .filter(Boolean);
  const isBase64Encoded = body.length > 0 && !textType.test(request.headers['content-type'] ?? '');
  const parameters = queryParameters(rawQueryString);
  const domainName = request.headers.host ?? '';
  return {
    version: '2.0',
    routeKey: route.key,
    rawPath,
    rawQueryString,
    ...(cookies?.length && { cookies }),
    headers,
    ...(Object.keys(parameters).length > 0 && { queryStringParameters: parameters }),
    requestContext: {
      accountId: local.account,
      apiId: request.apiId,
      domainName,
      domainPrefix: domainName.split('.')[0] ?? '',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp, userAgent: headers['user-agent'] ?? '' },
      requestId,
      routeKey: route.key,
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now,
    },
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  };
}

function forwardedHeaders({ headers, sourceIp, traceId, body, port }: GatewayRequest): Record<string, string> {
  const kept = Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined || ownHeaders.has(name)) return [];
    return [[name, typeof value === 'string' ? value : value.join(',')] as const];
  });
  const before = headers['x-forwarded-for'];
  return {
    ...Object.fromEntries(kept),
    'content-length': String(body.length),
    'x-amzn-trace-id': traceId,
    // What the client claims stands before what the gateway saw, as on AWS: only the last address is vouched for.
    'x-forwarded-for': before === undefined ? sourceIp : `${before}, ${sourceIp}`,
    'x-forwarded-port': String(port),
    'x-forwarded-proto': 'http',
  };
}

function queryParameters(query: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const before = parameters[name];
    parameters[name] = before === undefined ? value : `${before},${value}`;
  }
  return parameters;
}

// 12/Mar/2026:19:03:58 +0000
function commonLogTime(now: number): string {
  const [, day = '', month = '', year = '', time = ''] = new Date(now).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
