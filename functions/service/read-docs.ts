import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readDocs } from '../../shared/api/service.ts';
import { holdValue } from '../../shared/crypto/held-value.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { gzipAnswer } from '../../shared/http/gzip-answer.ts';

interface Page {
  readonly html: string;
  readonly policy: string;
}

const page = holdValue(makePage, { maxAgeMs: Number.POSITIVE_INFINITY });

/**
 * GET /docs: Swagger UI over /openapi.json, all in one page, so that it needs nothing from anywhere else on either origin. Its
 * script and style run because the policy names their digests, and nothing else does.
 */
export const handler = endpoint(readDocs, {
  decide: async () => {
    const { html, policy } = await page.get(0);
    return {
      reply: html,
      headers: {
        'Content-Security-Policy': policy,
        'X-Content-Type-Options': 'nosniff',
        'X-Frame-Options': 'DENY',
        'Referrer-Policy': 'no-referrer',
      },
    };
  },
}).use(gzipAnswer());

// What is to be seen stands in /openapi.json of the origin that the page came from.
const start = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'none',
  filter: true,
  persistAuthorization: false,
});`;

async function makePage(): Promise<Page> {
  const [script, style] = await Promise.all([asset('swagger-ui-bundle.js'), asset('swagger-ui.css')]);
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>OTP service: API documentation</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main id="docs"></main>
<noscript>This page needs JavaScript; the description itself is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<script>${script}</script>
<script>${start}</script>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `script-src ${digestOf(script)} ${digestOf(start)}`,
    `style-src ${digestOf(style)}`,
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}

/** A file of swagger-ui-dist, which the build lays beside the bundle. */
function asset(name: string): Promise<string> {
  return readFile(new URL(name, import.meta.url), 'utf8');
}

function digestOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
