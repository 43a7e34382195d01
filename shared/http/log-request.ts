import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Contract } from '../api/route.ts';
import { log } from '../log.ts';

type Middleware = MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>;

/** One line for every answer: what was asked and how it ended. Never a header, a query or a body. */
export function logRequest(contract: Pick<Contract, 'operation'>): Middleware {
  const write: NonNullable<Middleware['after']> = ({ event, response }) => {
    const { requestId } = event.requestContext;
    log('info', 'REQUEST', { operation: contract.operation, request_id: requestId, status: response?.statusCode });
  };
  return { after: write, onError: write };
}
