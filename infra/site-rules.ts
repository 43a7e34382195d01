import { edgeHeaders } from '../shared/config.ts';

/**
 * How the console's origin answers: used by the CloudFront distribution and by the console's origin on a laptop, so
 * both do the same. The two rewriting rules run at the edge as they stand here: no imports, no outer names.
 */

/** Paths under the console's origin that are answered by the API: its prefix, and its documentation under its own name. */
export const apiPaths = ['/api', '/api/*', '/docs', '/docs/*', '/openapi.json'] as const;

/** The path that the API sees for a path under the console's origin: no prefix, no slash at the end. */
export function apiUri(uri: string): string {
  let path = uri === '/api' || uri.startsWith('/api/') ? uri.slice(4) : uri;
  while (path.length > 1 && path.endsWith('/')) path = path.slice(0, -1);
  return path === '' ? '/' : path;
}

/** The file of the console for a path: itself when its last part has an ending, else the page that routes by itself. */
export function siteUri(uri: string): string {
  const last = uri.slice(uri.lastIndexOf('/') + 1);
  return last.includes('.') ? uri : '/index.html';
}

/** The CloudFront Function of the console's files. */
export const siteFunctionCode = `${siteUri}
function handler(event) {
  const request = event.request;
  request.uri = siteUri(request.uri);
  return request;
}
`;

/** The CloudFront Function of the API's paths; what a client says of its own address is overwritten. */
export const apiFunctionCode = `${apiUri}
function handler(event) {
  const request = event.request;
  request.uri = apiUri(request.uri);
  request.headers['${edgeHeaders.viewerAddress}'] = { value: event.viewer.ip };
  return request;
}
`;

/** Hosts that a page of the console may talk to, and what it may load. Nothing inline, nothing from elsewhere. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // QR codes are shown as data: pictures, an uploaded one as blob:.
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "media-src 'self' blob:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Two years: who came once over TLS never comes without. Not for the preload list: that is the domain's owner to say. */
export const hstsSeconds = 63_072_000;

/** What the console's pages may do in the browser, and who may hold them, beside the policy above. */
export const siteHeaders = {
  'permissions-policy':
    'accelerometer=(), camera=(self), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Files whose name holds a digest of their content, by folder. */
export const hashedFolder = 'assets/';

/** How long a file of the console may be kept: a hashed one for ever, any other is asked for again each time. */
export function cacheControl(file: string): string {
  return file.replace(/^\//, '').startsWith(hashedFolder) ? 'public, max-age=31536000, immutable' : 'no-cache';
}
