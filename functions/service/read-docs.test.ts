import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Answer, connect } from '../../infra/local/testing.ts';

const product = connect(inject('standard'));
let page: Answer;

beforeAll(async () => {
  page = await product.newClient().get('/docs');
});

function digestOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** What a policy says of a directive. */
function sourcesOf(policy: string | undefined, directive: string): string[] {
  const found = (policy ?? '').split('; ').find((one) => one.startsWith(`${directive} `));
  return found?.split(' ').slice(1) ?? [];
}

describe('GET /docs', () => {
  it('is a page over /openapi.json that needs nothing from elsewhere', () => {
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      vary: 'Accept-Encoding',
    });
    expect(page.text).toContain('SwaggerUIBundle(');
    expect(page.text).toContain("url: '/openapi.json'");
    expect(page.text).not.toMatch(/<(script|link|img|iframe)[^>]+(src|href)="(?!data:)/);
  });

  it('has a policy that lets its own scripts and style run and nothing else (SECURITY 35)', () => {
    const policy = page.headers['content-security-policy'];
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).not.toContain('unsafe');
    const scripts = [...page.text.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text = '']) => digestOf(text));
    const styles = [...page.text.matchAll(/<style>(.*?)<\/style>/gs)].map(([, text = '']) => digestOf(text));
    expect([scripts.length, styles.length]).toEqual([2, 1]);
    expect(sourcesOf(policy, 'script-src')).toEqual(scripts);
    expect(sourcesOf(policy, 'style-src')).toEqual(styles);
    for (const directive of ['base-uri', 'form-action', 'frame-ancestors']) {
      expect(sourcesOf(policy, directive)).toEqual(["'none'"]);
    }
  });

  it('is the same page under the same policy at the console’s origin', async () => {
    const there = await product.newClient(undefined, product.info.console).get('/docs/');
    expect([there.status, there.text]).toEqual([200, page.text]);
    for (const name of ['content-security-policy', 'content-type', 'x-frame-options']) {
      expect(there.headers[name]).toBe(page.headers[name]);
    }
  });

  it('comes compressed to those who take it so, and plain to others', async () => {
    const client = product.newClient();
    const sizeOf = async (coding: string) => {
      const { headers } = await client.get('/docs', { headers: { 'accept-encoding': coding } });
      return { coding: headers['content-encoding'], bytes: Number(headers['content-length']) };
    };
    const plain = await sizeOf('identity');
    const compressed = await sizeOf('br, gzip');
    expect([plain.coding, compressed.coding]).toEqual([undefined, 'gzip']);
    expect(compressed.bytes).toBeLessThan(plain.bytes / 2);
    expect((await sizeOf('gzip;q=0')).coding).toBeUndefined();
  });

  it('asks neither table nor KMS', async () => {
    expect(await product.calls(page.requestId)).toMatchObject({ dynamodb: 0, kms: 0 });
  });
});
