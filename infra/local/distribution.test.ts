import { describe, expect, it } from 'vitest';
import { cacheControlOf, patternTakes, readSite } from './distribution.ts';
import { propertyReader, readTemplate } from './template.ts';
import { sampleTemplate } from './testing/sample-stack.ts';

type Resources = ReturnType<typeof sampleTemplate>['Resources'];

function readSample(change: (resources: Resources) => void = () => undefined) {
  const json = sampleTemplate();
  change(json.Resources);
  const template = readTemplate(json, 'sample');
  const read = propertyReader(template, {
    tableName: 'otp',
    keyIds: new Map(),
    apiUrl: 'http://127.0.0.1:8000',
    consoleUrl: 'http://127.0.0.1:3000',
    secretOf: () => 'the-secret',
  });
  return readSite(template, read);
}

describe('readSite', () => {
  const site = readSample();
  const [api, files] = site?.behaviors ?? [];

  it('reads where each path leads, the default last', () => {
    expect(site?.rootObject).toBe('index.html');
    expect(site?.behaviors.map(({ pattern }) => pattern)).toEqual(['/api/*', '*']);
    expect(api?.origin).toEqual({ kind: 'server', host: '127.0.0.1:8000', headers: { 'x-edge-word': 'the-secret' } });
    expect(files?.origin).toEqual({ kind: 'files' });
  });

  it('reads which headers reach the origin', () => {
    expect([api?.forwards, files?.forwards]).toEqual(['all_but_host', 'none']);
  });

  it('reads the headers that every answer gets', () => {
    expect(api?.headers).toEqual([]);
    expect(files?.headers).toEqual([
      { name: 'content-security-policy', value: "default-src 'none'", override: true },
      { name: 'x-content-type-options', value: 'nosniff', override: true },
      { name: 'x-frame-options', value: 'DENY', override: true },
      { name: 'referrer-policy', value: 'no-referrer', override: false },
      { name: 'strict-transport-security', value: 'max-age=60; includeSubDomains', override: true },
      { name: 'permissions-policy', value: 'camera=(self)', override: true },
    ]);
  });

  it('reads the functions that see a request first', () => {
    expect(api?.viewerRequest).toContain("r.headers['x-viewer']");
    expect(files?.viewerRequest).toContain('/index.html');
  });

  it('is not there where the template has no distribution', () => {
    expect(readSample((resources) => void delete resources.Distribution)).toBeUndefined();
  });

  it('refuses a policy that it does not know', () => {
    const change = (resources: Resources) => {
      resources.Distribution = {
        Type: 'AWS::CloudFront::Distribution',
        Properties: {
          DistributionConfig: {
            DefaultCacheBehavior: { TargetOriginId: 'a', OriginRequestPolicyId: 'my-own' },
            Origins: [{ Id: 'a', DomainName: 'example.com' }],
          },
        },
      };
    };
    expect(() => readSample(change)).toThrow('my-own is not known here');
  });
});

describe('cacheControlOf', () => {
  it('is what the last deployment that includes a file says', () => {
    const rules = readSample()?.cacheRules ?? [];
    expect(cacheControlOf(rules, 'assets/app-1a2b.js')).toBe('public, max-age=31536000, immutable');
    expect(cacheControlOf(rules, 'index.html')).toBe('no-cache');
    expect(cacheControlOf([], 'index.html')).toBeUndefined();
  });
});

describe('patternTakes', () => {
  it.each([
    ['/api/*', '/api/users', true],
    ['/api/*', '/api/', true],
    ['/api/*', '/api', false],
    ['/api', '/api', true],
    ['/docs/*', '/docsx', false],
    ['*.js', '/a/b.js', true],
    ['/v?', '/v1', true],
    ['/openapi.json', '/openapi-json', false],
    ['*', '/', true],
  ])('%s takes %s: %s', (pattern, path, result) => {
    expect(patternTakes(pattern, path)).toBe(result);
  });
});
