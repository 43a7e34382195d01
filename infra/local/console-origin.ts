import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Agent } from 'undici';
import { type Behavior, cacheControlOf, type PolicyHeader, patternTakes, type SiteDefinition } from './distribution.ts';
import { type EdgeFunction, edgeFunction, flatHeaders, type ViewerRequest } from './edge-function.ts';
import { decode } from './http-routes.ts';
import { type Listening, listen } from './listen.ts';

export interface ConsoleOriginOptions {
  readonly site: SiteDefinition;
  /** Folder of the built console. */
  readonly files: string;
  readonly port: number;
}

interface Served {
  readonly behavior: Behavior;
  readonly rewrite: EdgeFunction | undefined;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: Buffer;
}

const contentTypes: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.ico': 'image/vnd.microsoft.icon',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

// Of one connection only.
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'proxy-connection',
  'expect',
]);

/** Serves the console as the distribution of the template does: its behaviors, functions, headers and origins. */
export async function startConsoleOrigin({ site, files, port }: ConsoleOriginOptions): Promise<Listening> {
  const agent = new Agent({ connections: 64, keepAliveTimeout: 10_000 });
  const served = site.behaviors.map((behavior): Served => {
    return {
      behavior,
      rewrite: behavior.viewerRequest === undefined ? undefined : edgeFunction(behavior.viewerRequest),
    };
  });

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '/', ...query] = (request.url ?? '/').split('?');
    const found = served.find(({ behavior }) => patternTakes(behavior.pattern, path));
    if (found === undefined) return send(response, refused('The distribution has no behavior for this path.'), []);
    const { behavior, rewrite } = found;
    const method = request.method ?? 'GET';
    if (!behavior.methods.includes(method)) {
      return send(
        response,
        refused('This distribution is not configured to allow the HTTP request method.'),
        behavior.headers,
      );
    }
    const viewer: ViewerRequest = {
      method,
      uri: path,
      query: query.join('?'),
      headers: flatHeaders(request.headers),
      ip: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    };
    const seen = rewrite === undefined ? viewer : rewrite(viewer);
    if (behavior.origin.kind === 'server') return forward(request, response, seen, behavior);
    send(response, withoutBody(seen, await fileAnswer(seen)), behavior.headers);
  }

  async function fileAnswer({ uri, headers }: ViewerRequest): Promise<Answer> {
    const name = uri === '/' ? `/${site.rootObject ?? ''}` : uri;
    const found = (await readAnswer(name, headers['if-none-match'])) ?? refused('Access Denied');
    const page = site.errorPages.find(({ status }) => status === found.status);
    if (page === undefined) return found;
    const shown = await readAnswer(page.page, undefined);
    return shown === undefined ? found : { ...shown, status: page.answer };
  }

  async function readAnswer(name: string, knownTag: string | undefined): Promise<Answer | undefined> {
    const relative = normalize(decode(name)).replace(/^[/\\]+/, '');
    if (relative.startsWith('..') || relative.includes('\0') || relative === '') return undefined;
    const body = await readFile(join(files, relative)).catch(() => undefined);
    if (body === undefined) return undefined;
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    const cacheControl = cacheControlOf(site.cacheRules, relative);
    const headers = {
      'content-type': contentTypes[extname(relative)] ?? 'application/octet-stream',
      etag,
      ...(cacheControl !== undefined && { 'cache-control': cacheControl }),
    };
    return knownTag === etag ? { status: 304, headers, body: Buffer.alloc(0) } : { status: 200, headers, body };
  }

  async function forward(
    request: IncomingMessage,
    response: ServerResponse,
    seen: ViewerRequest,
    { origin, headers, forwards }: Behavior,
  ) {
    if (origin.kind !== 'server') return;
    const sent =
      forwards === 'none'
        ? {}
        : Object.fromEntries(Object.entries(seen.headers).filter(([name]) => !hopByHop.has(name)));
    const forwardedFor = seen.headers['x-forwarded-for'];
    const answer = await agent.request({
      origin: `http://${origin.host}`,
      path: seen.query === '' ? seen.uri : `${seen.uri}?${seen.query}`,
      method: request.method ?? 'GET',
      headers: {
        ...sent,
        ...(forwards === 'all' ? {} : { host: origin.host }),
        'x-forwarded-for': forwardedFor === undefined ? seen.ip : `${forwardedFor}, ${seen.ip}`,
        // Whatever the viewer sent under these names, the origin gets the distribution's.
        ...origin.headers,
      },
      body: hasBody(request) ? request : null,
    });
    const kept: Record<string, string | string[]> = {};
    for (const [name, value] of Object.entries(answer.headers))
      if (value !== undefined && !hopByHop.has(name)) kept[name] = value;
    response.writeHead(answer.statusCode, withPolicy(kept, headers));
    await pipeline(answer.body, response);
  }

  const server = createServer((request, response) => {
    take(request, response).catch(() => {
      if (response.headersSent) return void response.destroy();
      // CloudFront's own answer when an origin does not.
      response.writeHead(502, { 'content-type': 'text/plain' }).end('The origin did not answer.');
    });
  });
  server.keepAliveTimeout = 65_000;
  const listening = await listen(server, port);
  return {
    ...listening,
    stop: async () => {
      await listening.stop();
      await agent.destroy();
    },
  };
}

function send(response: ServerResponse, { status, headers, body }: Answer, policy: readonly PolicyHeader[]): void {
  const length = status === 304 ? {} : { 'content-length': String(body.length) };
  response.writeHead(status, withPolicy({ ...length, ...headers }, policy));
  response.end(body);
}

function withPolicy(headers: Answer['headers'], policy: readonly PolicyHeader[]): Answer['headers'] {
  const all = { ...headers };
  for (const { name, value, override } of policy) if (override || all[name] === undefined) all[name] = value;
  return all;
}

function withoutBody({ method }: ViewerRequest, answer: Answer): Answer {
  if (method !== 'HEAD') return answer;
  return {
    ...answer,
    headers: { ...answer.headers, 'content-length': String(answer.body.length) },
    body: Buffer.alloc(0),
  };
}

// Without ListBucket on the bucket, S3 answers 403 for what is not there; CloudFront hands it on.
function refused(reason: string): Answer {
  return { status: 403, headers: { 'content-type': 'text/plain' }, body: Buffer.from(reason) };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
