import { describe, expect, it } from 'vitest';
import { apiFunctionCode, siteFunctionCode } from '../site-rules.ts';
import { edgeFunction, type ViewerRequest } from './edge-function.ts';

const request: ViewerRequest = {
  method: 'GET',
  uri: '/api/otp/configs/',
  query: 'a=%20b&a=c',
  headers: { accept: '*/*', cookie: 'a=1; b=2', 'x-otp-viewer-address': '9.9.9.9' },
  ip: '127.0.0.7',
};

describe('edgeFunction', () => {
  it('runs the function of the API’s paths, which says who the viewer is', () => {
    expect(edgeFunction(apiFunctionCode)(request)).toEqual({
      ...request,
      uri: '/otp/configs',
      headers: { ...request.headers, 'x-otp-viewer-address': '127.0.0.7' },
    });
  });

  it('runs the function of the console’s paths', () => {
    const rewrite = edgeFunction(siteFunctionCode);
    expect(rewrite({ ...request, uri: '/settings' }).uri).toBe('/index.html');
    expect(rewrite({ ...request, uri: '/assets/app.js' }).uri).toBe('/assets/app.js');
  });

  it('keeps one request apart from the next', () => {
    const rewrite = edgeFunction(
      'function handler(event) { event.request.headers.seen = { value: event.request.uri }; return event.request; }',
    );
    expect(rewrite({ ...request, uri: '/1' }).headers.seen).toBe('/1');
    expect(rewrite({ ...request, uri: '/2' }).headers.seen).toBe('/2');
  });

  it('gives the code nothing of this process', () => {
    const rewrite = edgeFunction(
      'function handler(event) { event.request.uri = typeof process + typeof require + typeof fetch; return event.request; }',
    );
    expect(rewrite(request).uri).toBe('undefinedundefinedundefined');
  });

  it.each([
    ['function handler() {}'],
    ['function handler(event) { return {}; }'],
    ['function handler() { for (;;); }'],
    ['const handler = 1;'],
  ])('refuses a function that gives no request back: %s', (code) => {
    expect(() => edgeFunction(code)(request)).toThrow();
  });
});
