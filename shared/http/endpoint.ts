import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { fail } from '../api/problems.ts';
import type { Contract } from '../api/route.ts';
import { request } from '../domain/policy.ts';
import { answerDone, answerError } from './answer.ts';
import { type Identity, identify } from './caller.ts';
import type { SecretBox } from './key-rings.ts';
import type { Budget } from './limit.ts';
import { loadDecideCommit } from './load-decide-commit.ts';
import { logRequest } from './log-request.ts';
import type { Asked, Operation } from './operation.ts';
import { readClient, readIdempotencyKey, readInput, type Sent } from './read-request.ts';
import { config, table, tokenVerifier } from './runtime.ts';

/** What an endpoint may bring beside its operation. */
export interface EndpointOptions {
  /** Seals kept answers that hold a secret or a code; needed where the contract says `sealed-…`. */
  readonly box?: SecretBox;
}

/**
 * A Lambda handler for a contract. The order of the steps, for every endpoint:
 * read the client → read parameters, query and body → identify the caller by token or key → choose the operation
 * → load, decide, commit → answer. An error in any step is answered as its problem; every answer is logged once.
 */
export function endpoint<C extends Contract>(
  contract: C,
  operation: Operation<C> | ((sent: Sent<C>) => Operation<C> | Promise<Operation<C>>),
  options: EndpointOptions = {},
) {
  async function answer(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
    const deadline = AbortSignal.timeout(request.deadlineMs);
    const now = event.requestContext.timeEpoch;
    const client = readClient(event, config.edgeKey);
    // Who may not enter learns nothing of what was wrong with the request.
    const known =
      contract.who === 'public' ? undefined : await identify(event.headers['authorization'], tokenVerifier, now);
    const sent: Sent<C> = {
      now,
      requestId: event.requestContext.requestId,
      client,
      ...readInput(event, contract),
      cookies: event.cookies ?? [],
      idempotencyKey: readIdempotencyKey(event, contract),
    };
    const chosen = typeof operation === 'function' ? await operation(sent) : operation;
    const rules = { ...contract, ...chosen.rules };
    const identity =
      known ??
      (rules.who === 'public' ? undefined : await identify(event.headers['authorization'], tokenVerifier, now));
    // A public route has an identity only where the chosen operation asks for one.
    const asked = { ...sent, identity } as Asked<C>;
    const done = await loadDecideCommit(asked, {
      table,
      contract,
      rules,
      operation: chosen,
      budget: rules.limit && budgetOf(rules.limit, asked, chosen),
      idempotent: idempotentUse(asked, identity),
      eventDays: config.eventDays,
      deadline,
    });
    return answerDone(contract, done, sent.requestId);
  }

  function idempotentUse(asked: Asked<C>, identity: Identity | undefined) {
    if (asked.idempotencyKey === undefined) return undefined;
    const input = { params: asked.params ?? null, body: asked.body ?? null };
    return { key: asked.idempotencyKey, owner: identity?.userId, contract, input, box: options.box };
  }

  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use(logRequest(contract))
    .onError((failed) => {
      failed.response = answerError(failed.error, failed.event.requestContext.requestId);
    })
    .handler(answer);
}

function budgetOf<C extends Contract>(
  name: NonNullable<Contract['limit']>,
  asked: Asked<C>,
  operation: Operation<C>,
): Budget {
  const limit = config.limit(name);
  switch (limit.per) {
    case 'user':
      return { kept: 'meter', name, limit };
    case 'ip':
      return { kept: 'address', name, limit, address: asked.client.ip };
    case 'account': {
      const account = operation.guards?.(asked);
      if (account === undefined) throw fail('internal_error');
      return { kept: 'guard', name, limit, account };
    }
    case 'session':
      return { kept: 'elsewhere', name, limit, item: (facts) => operation.limitItem?.(asked, facts) };
  }
}
