import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { methodsOf } from '../../shared/api/methods-of-path.ts';
import { fail } from '../../shared/api/problems.ts';
import { answerError } from '../../shared/http/answer.ts';
import { logRequest } from '../../shared/http/log-request.ts';

/** Whatever no route takes: a path that is not there, or one that is there for other methods (RFC 9110 §15.5.6). */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(logRequest({ operation: 'service/not-found' }))
  .handler(async ({ rawPath, requestContext }) => {
    const methods = methodsOf(rawPath);
    const problem =
      methods.length === 0
        ? fail('route_not_found')
        : fail('method_not_allowed', { headers: { Allow: methods.join(', ') } });
    return answerError(problem, requestContext.requestId);
  });
