import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { edgeHeaders } from '../shared/config.ts';
import {
  apiFunctionCode,
  apiUri,
  cacheControl,
  contentSecurityPolicy,
  siteFunctionCode,
  siteUri,
} from './site-rules.ts';

interface EdgeRequest {
  uri: string;
  headers: Record<string, { value: string }>;
}

/** Runs a CloudFront Function as the edge does: its text alone, with nothing around it. */
function atEdge(code: string, uri: string, headers: EdgeRequest['headers'] = {}): EdgeRequest {
  const event = { viewer: { ip: '203.0.113.7' }, request: { uri, headers } };
  return runInNewContext(`${code}; handler(event)`, { event });
}

const apiPathsSeen = [
  ['/api/otp/validate', '/otp/validate'],
  ['/api/users/', '/users'],
  ['/api', '/'],
  ['/api/', '/'],
  ['/api//', '/'],
  ['/api/api/users', '/api/users'],
  ['/docs', '/docs'],
  ['/docs/', '/docs'],
  ['/openapi.json', '/openapi.json'],
  ['/apiary', '/apiary'],
] as const;

const sitePathsSeen = [
  ['/', '/index.html'],
  ['/login', '/index.html'],
  ['/otp/generate/12', '/index.html'],
  ['/otp/configs/', '/index.html'],
  ['/index.html', '/index.html'],
  ['/assets/index-0a1b2c.js', '/assets/index-0a1b2c.js'],
  ['/favicon.svg', '/favicon.svg'],
] as const;

describe('the console’s origin', () => {
  test.each(apiPathsSeen)('leads %s to %s of the API', (uri, seen) => {
    expect(apiUri(uri)).toBe(seen);
    expect(atEdge(apiFunctionCode, uri).uri).toBe(seen);
  });

  test.each(sitePathsSeen)('answers %s with %s', (uri, file) => {
    expect(siteUri(uri)).toBe(file);
    expect(atEdge(siteFunctionCode, uri).uri).toBe(file);
  });

  test('tells the API the address that CloudFront sees, whatever the client claims', () => {
    const claimed = { [edgeHeaders.viewerAddress]: { value: '127.0.0.1' } };
    expect(atEdge(apiFunctionCode, '/api/users', claimed).headers).toEqual({
      [edgeHeaders.viewerAddress]: { value: '203.0.113.7' },
    });
  });

  test('uses no header name that CloudFront keeps for itself', () => {
    for (const name of Object.values(edgeHeaders)) expect(name).not.toMatch(/^x-(amz|amzn|edge|cache|real)/);
  });

  test('keeps hashed files for ever and asks for all others again', () => {
    expect(cacheControl('/assets/index-0a1b2c.js')).toBe('public, max-age=31536000, immutable');
    expect(cacheControl('assets/index-0a1b2c.css')).toBe('public, max-age=31536000, immutable');
    expect(cacheControl('/index.html')).toBe('no-cache');
    expect(cacheControl('/favicon.svg')).toBe('no-cache');
  });

  test('allows nothing inline, nothing evaluated and nothing from elsewhere', () => {
    expect(contentSecurityPolicy).toMatch(/^default-src 'none';/);
    expect(contentSecurityPolicy).not.toMatch(/unsafe|https?:|\*/);
    expect(contentSecurityPolicy).toContain("frame-ancestors 'none'");
    expect(contentSecurityPolicy).toContain("base-uri 'none'");
  });
});
