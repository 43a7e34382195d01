import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { edgeHeaders } from '../../shared/config.ts';
import type { Clock } from './clock.ts';
import { type Cors, corsHeaders, isPreflight } from './cors.ts';
import type { Invoked } from './function-instance.ts';
import { httpEvent } from './http-event.ts';
import { internalError, ownReply, type Reply, readReply } from './http-reply.ts';
import { type Route, routeFinder } from './http-routes.ts';
import { type Listening, listen } from './listen.ts';
import { type Throttle, TokenBucket } from './token-bucket.ts';
import { newTraceId } from './trace.ts';

/** The HTTP API as the template declares it. */
export interface HttpApi {
  readonly id: string;
  readonly routes: readonly Route[];
  readonly cors: Cors | undefined;
  /** Of the stage; every route has its own bucket of it. */
  readonly throttle: Throttle | undefined;
  /** By route key, where it differs. */
  readonly routeThrottles: ReadonlyMap<string, Throttle>;
}

/** For whom a function is called. */
export interface RequestIds {
  readonly requestId: string;
  readonly traceId: string;
  readonly sourceIp: string;
}

export interface GatewayOptions {
  readonly api: HttpApi;
  readonly port: number;
  readonly clock: Clock;
  readonly invoke: (operation: string, event: unknown, ids: RequestIds) => Promise<Invoked>;
  /**
   * Header by which a client says from which address it comes. Only for tests on systems whose loopback has a single address; else
   * the address is the socket's.
   */
  readonly clientAddressHeader?: string | undefined;
}

// API Gateway's quotas (HTTP API): payload, and request line with all headers.
const bodyBytes = 10 * 1024 * 1024;
const headerBytes = 10_240;

class BodyTooLarge extends Error {}

/** Serves the HTTP API of the template: routes, throttles, CORS and payload format 2.0 as API Gateway has them. */
export async function startGateway(options: GatewayOptions): Promise<Listening> {
  const { api, clock, invoke } = options;
  const find = routeFinder(api.routes);
  const buckets = new Map<string, TokenBucket>();

  async function answer(request: IncomingMessage, requestId: string): Promise<Reply> {
    const { method = 'GET', url: target = '/', headers } = request;
    if (api.cors !== undefined && isPreflight(method, headers))
      return { status: 204, headers: {}, body: Buffer.alloc(0) };

    const match = find(method, target.split('?')[0] ?? '/');
    if (match === undefined) return ownReply(404, 'Not Found');
    if (isThrottled(match.route.key)) return ownReply(429, 'Too Many Requests');
    if (headerSize(request) > headerBytes) return ownReply(431, 'Request Header Fields Too Large');

    const body = await readBody(request);
    const sourceIp = clientAddress(request, options.clientAddressHeader);
    const traceId = newTraceId();
    const now = clock.now(viewerAddress(headers[edgeHeaders.viewerAddress]) ?? sourceIp);
    const port = request.socket.localPort ?? options.port;
    const event = httpEvent(
      { method, target, headers, body, sourceIp, requestId, traceId, now, apiId: api.id, port },
      match,
    );
    const invoked = await invoke(match.route.operation, event, { requestId, traceId, sourceIp });
    return invoked.ok ? readReply(invoked.payload) : internalError();
  }

  function isThrottled(key: string): boolean {
    const throttle = api.routeThrottles.get(key) ?? api.throttle;
    if (throttle === undefined) return false;
    const now = performance.now();
    const bucket = buckets.get(key) ?? new TokenBucket(throttle, now);
    buckets.set(key, bucket);
    return !bucket.take(now);
  }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = `${randomBytes(11).toString('base64url')}=`;
    const reply = await answer(request, requestId).catch((error: unknown) => {
      if (error instanceof BodyTooLarge) return ownReply(413, 'Request Entity Too Large');
      throw error;
    });
    if (response.destroyed) return;
    const cors = api.cors && corsHeaders(api.cors, request.headers, isPreflight(request.method ?? '', request.headers));
    const headers = { ...(cors ? withoutCors(reply.headers) : reply.headers), ...cors, 'apigw-requestid': requestId };
    const hasBody = reply.status !== 204 && reply.status !== 304;
    response.writeHead(reply.status, hasBody ? { ...headers, 'content-length': reply.body.length } : headers);
    response.end(hasBody && request.method !== 'HEAD' ? reply.body : undefined);
    // What the client still sends of a body that is too large is not waited for.
    if (!request.complete) request.destroy();
  }

  // Node's own limit of headers is higher, so that the answer to too many of them is the gateway's.
  const server = createServer({ maxHeaderSize: 64 * 1024 }, (request, response) => {
    take(request, response).catch((error: unknown) => {
      if (response.headersSent) return void response.destroy();
      console.error(error);
      response.writeHead(500, { 'content-type': 'application/json' }).end(internalError().body);
    });
  });
  server.keepAliveTimeout = 65_000;
  return listen(server, options.port);
}

// Not by iteration: leaving a loop early ends the connection, and nobody would see the answer.
function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    if (Number(request.headers['content-length'] ?? 0) > bodyBytes) reject(new BodyTooLarge());
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyBytes) reject(new BodyTooLarge());
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
  });
}

function headerSize({ method = '', url = '', rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((sum, text) => sum + text.length, method.length + url.length);
}

function clientAddress(request: IncomingMessage, header: string | undefined): string {
  const claimed = header === undefined ? undefined : request.headers[header];
  const address = typeof claimed === 'string' ? claimed : (request.socket.remoteAddress ?? '');
  if (header !== undefined) delete request.headers[header];
  return address.replace(/^::ffff:/, '');
}

// Only to know whose clock is asked for: behind the console's origin every request comes from one address.
function viewerAddress(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

function withoutCors(headers: Reply['headers']): Reply['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('access-control-')));
}
