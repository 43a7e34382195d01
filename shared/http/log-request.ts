import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Contract } from '../api/route.ts';
import { log, logFor } from '../log.ts';

type Middleware = MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>;

/** One line for every answer: what was asked and how it ended, under the request's id. Never a header, a query or a body. */
export function logRequest(contract: Pick<Contract, 'operation'>): Middleware {
  const write: NonNullable<Middleware['after']> = ({ response }) => {
    log('info', 'REQUEST', { operation: contract.operation, status: response?.statusCode });
  };
  return { before: ({ event }) => logFor(event.requestContext.requestId), after: write, onError: write };
}
