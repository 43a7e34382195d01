import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

const compress = promisify(gzip);

/**
 * Sends an answer compressed to those who take gzip: API Gateway compresses nothing for an HTTP API. For public documents only:
 * where a secret stands beside what a stranger sent, its compressed length tells about it.
 */
export function gzipAnswer(): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  let last: { readonly body: string; readonly compressed: Promise<Buffer> } | undefined;
  return {
    after: async (request) => {
      const { event, response } = request;
      if (response?.body === undefined || response.isBase64Encoded) return;
      const headers = { ...response.headers, Vary: 'Accept-Encoding' };
      const accepted = (event.headers['accept-encoding'] ?? '').split(',').map((coding) => coding.trim().toLowerCase());
      if (!accepted.some((coding) => /^(gzip|\*)(?!\s*;\s*q=0(\.0*)?$)/.test(coding))) {
        request.response = { ...response, headers };
        return;
      }
      // The same document again and again: compressed once.
      if (last?.body !== response.body) last = { body: response.body, compressed: compress(response.body) };
      request.response = {
        ...response,
        headers: { ...headers, 'Content-Encoding': 'gzip' },
        body: (await last.compressed).toString('base64'),
        isBase64Encoded: true,
      };
    },
  };
}
