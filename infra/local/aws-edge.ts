import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { Pool } from 'undici';
import { awsError, transactionConflict } from './aws-error.ts';
import type { Caller, CallLedger } from './call-ledger.ts';
import type { Faults, PendingFault } from './faults.ts';
import type { GrantLedger } from './grant-ledger.ts';
import { type Access, decide, type Statement } from './iam.ts';
import { isRecord, type JsonRecord, listOf, parseJson } from './json.ts';
import type { AwsAnswer, Kms } from './kms.ts';
import { listen } from './listen.ts';
import { dynamoDbAccess, kmsAccess, type TableKeys, UncheckedOperation } from './required-access.ts';
import { local } from './template.ts';

/** Who may call: a function with its role, or the operator of this machine, whom no policy binds. */
export interface Principal {
  /** Operation of the function, or `operator`. */
  readonly function: string;
  readonly role: string;
  readonly statements: readonly Statement[] | 'all';
}

/** The request for which a function is calling, found by the trace id that the SDK sends along. */
export interface Errand {
  readonly requestId: string;
  readonly sourceIp: string | undefined;
}

export interface EdgeOptions {
  readonly dynamoDb: string;
  readonly kms: Kms;
  readonly table: TableKeys;
  /** By access key id. */
  readonly principals: ReadonlyMap<string, Principal>;
  readonly errandOf: (traceRoot: string) => Errand | undefined;
  readonly calls: CallLedger;
  readonly grants: GrantLedger;
  readonly faults: Faults;
  /** Hears each refusal, in a sentence. */
  readonly onRefusal?: (sentence: string, caller: Caller) => void;
  readonly port?: number;
}

/** Where functions find DynamoDB and KMS. */
export interface AwsEdge {
  readonly url: string;
  stop(): Promise<void>;
}

type Service = 'dynamodb' | 'kms';

/** One call, read: what it is, who makes it and for whom. */
interface EdgeCall {
  readonly service: Service;
  readonly operation: string;
  readonly principal: Principal;
  readonly errand: Errand | undefined;
  readonly text: string;
  readonly body: unknown;
  readonly request: IncomingMessage;
}

/** An answer that is not sent: the caller sees its connection end, or waits for ever. */
const lost = Symbol('lost');
const hanging = Symbol('hanging');
type Outcome = AwsAnswer | typeof lost | typeof hanging;

const reads = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan', 'TransactGetItems']);
const metered = new Set([...reads, 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);

/**
 * The edge between functions and AWS: every call to DynamoDB and KMS passes here. It refuses what the caller's role does not
 * allow, counts round trips and capacity, and lets the faults happen that a test asked for.
 */
export async function startAwsEdge(options: EdgeOptions): Promise<AwsEdge> {
  const { calls, faults, kms, table } = options;
  // Less than DynamoDB Local's own idle time: a connection that it is about to close is not used any more.
  const upstream = new Pool(options.dynamoDb, {
    connections: 256,
    keepAliveTimeout: 10_000,
    keepAliveMaxTimeout: 10_000,
  });

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedAt = performance.now();
    const call = readCall(request, await readBody(request), options);
    if (!('service' in call)) return send(response, 'dynamodb', call);

    const { service, operation, principal, errand } = call;
    const caller = { function: principal.function, requestId: errand?.requestId };
    let units = 0;
    const outcome = refuse(call) ?? (await withFaults(call, (counted) => (units += counted)));
    const status = typeof outcome === 'symbol' ? 0 : outcome.status;
    calls.add(caller, {
      service,
      operation,
      status,
      ...(typeof outcome === 'symbol' ? { error: outcome.description ?? '' } : errorOf(outcome)),
      readUnits: reads.has(operation) ? units : 0,
      writeUnits: reads.has(operation) ? 0 : units,
      ms: Math.round((performance.now() - startedAt) * 100) / 100,
    });
    if (outcome === lost) request.socket.destroy();
    else if (outcome !== hanging) send(response, service, outcome);
  }

  /** The refusal of IAM, when the role does not allow all that the call needs. */
  function refuse({ service, operation, principal, errand, body }: EdgeCall): AwsAnswer | undefined {
    if (principal.statements === 'all') {
      // The operator makes no call in the course of a request.
      if (errand !== undefined) options.grants.passUnjudged();
      return undefined;
    }
    options.grants.judge();
    // KMS says itself that a key does not exist, or that something is no ciphertext.
    if (service === 'kms' && operation !== 'ReEncrypt' && kms.keyArnOf(body) === undefined) return undefined;
    let needed: Access[];
    try {
      needed = service === 'kms' ? kmsAccess(operation, body, kms.keyArnOf) : dynamoDbAccess(operation, body, table);
    } catch (error) {
      if (error instanceof UncheckedOperation) return awsError(service, 'AccessDeniedException', error.message);
      throw error;
    }
    for (const access of needed) {
      const decision = decide(principal.statements, access);
      if (decision.verdict !== 'allow') {
        const sentence = refusal(principal, access, decision.verdict === 'explicit_deny');
        options.onRefusal?.(sentence, { function: principal.function, requestId: errand?.requestId });
        return awsError(service, 'AccessDeniedException', sentence);
      }
      options.grants.add(principal.function, access, decision.statement);
    }
    return undefined;
  }

  async function withFaults(call: EdgeCall, count: (units: number) => void): Promise<Outcome> {
    const fault = faults.take({
      service: call.service,
      operation: call.operation,
      function: call.principal.function,
      sourceIp: call.errand?.sourceIp,
      body: call.text,
    });
    if (fault?.delay_ms) await wait(fault.delay_ms);
    if (fault?.kind === 'hang') return hanging;
    if (fault?.kind === 'error') return injectedError(call, fault);
    if (fault?.kind === 'partial_batch') return halfOfBatch(call, count);
    const answer = await forward(call, call.text, count);
    return fault?.kind === 'lost_response' ? lost : answer;
  }

  async function forward(call: EdgeCall, text: string, count: (units: number) => void): Promise<AwsAnswer> {
    if (call.service === 'kms') return kms.handle(call.operation, call.body);
    const asked = isRecord(call.body) && call.body.ReturnConsumedCapacity !== undefined;
    const isMetered = metered.has(call.operation) && text.startsWith('{');
    const headers = call.request.headers;
    const { statusCode, body } = await upstream.request({
      method: 'POST',
      path: '/',
      headers: {
        'content-type': headers['content-type'] ?? 'application/x-amz-json-1.0',
        'x-amz-target': headers['x-amz-target'] ?? '',
        authorization: headers.authorization ?? '',
      },
      body: isMetered && !asked ? withCapacity(text) : text,
    });
    const answer: unknown = await body.json();
    if (isMetered && isRecord(answer)) {
      count(Math.max(consumedUnits(answer.ConsumedCapacity), leastUnitsOf(call)));
      if (!asked) delete answer.ConsumedCapacity;
    }
    return { status: statusCode, body: answer };
  }

  /** Answers half of a batch and hands the rest back, as DynamoDB does under pressure. */
  async function halfOfBatch(call: EdgeCall, count: (units: number) => void): Promise<AwsAnswer> {
    const { done, left } = splitBatch(call.body);
    const rest = call.operation === 'BatchGetItem' ? 'UnprocessedKeys' : 'UnprocessedItems';
    if (Object.keys(done).length === 0) {
      const found = call.operation === 'BatchGetItem' ? { Responses: {} } : {};
      return { status: 200, body: { ...found, [rest]: left } };
    }
    const request = { ...(isRecord(call.body) ? call.body : {}), RequestItems: done };
    const answer = await forward(call, JSON.stringify(request), count);
    return answer.status === 200 && isRecord(answer.body)
      ? { ...answer, body: { ...answer.body, [rest]: left } }
      : answer;
  }

  const server = createServer((request, response) => {
    take(request, response).catch((error: unknown) => {
      if (request.socket.destroyed) return;
      send(
        response,
        'dynamodb',
        awsError('dynamodb', 'InternalServerError', error instanceof Error ? error.message : undefined),
      );
    });
  });
  server.keepAliveTimeout = 65_000;
  const { url, stop } = await listen(server, options.port ?? 0);
  return {
    url,
    stop: async () => {
      await stop();
      await upstream.destroy();
    },
  };
}

function readCall(request: IncomingMessage, text: string, { principals, errandOf }: EdgeOptions): EdgeCall | AwsAnswer {
  const target = String(request.headers['x-amz-target'] ?? '');
  const [namespace = '', operation = ''] = target.split('.');
  const service: Service = namespace.startsWith('TrentService') ? 'kms' : 'dynamodb';
  const key = /Credential=([^/,\s]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const principal = principals.get(key);
  if (principal === undefined) return awsError(service, 'UnrecognizedClientException');
  const root = /Root=([^;]+)/.exec(String(request.headers['x-amzn-trace-id'] ?? ''))?.[1];
  try {
    return {
      service,
      operation,
      principal,
      errand: root ? errandOf(root) : undefined,
      text,
      body: parseJson(text),
      request,
    };
  } catch {
    return awsError(service, 'ValidationException', 'The body is not JSON.');
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, service: Service, { status, body }: AwsAnswer): void {
  if (response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': service === 'kms' ? 'application/x-amz-json-1.1' : 'application/x-amz-json-1.0',
    'content-length': bytes.length,
    ...(service === 'dynamodb' && { 'x-amz-crc32': String(crc32(bytes)) }),
  });
  response.end(bytes);
}

// Text, not a copy of the parsed request: this is on the path of every call that a bench measures.
function withCapacity(text: string): string {
  const rest = text.slice(1).trimStart();
  return `{"ReturnConsumedCapacity":"TOTAL"${rest.startsWith('}') ? '' : ','}${rest}`;
}

function consumedUnits(consumed: unknown): number {
  return listOf(consumed).reduce<number>((sum, one) => sum + Number(isRecord(one) ? one.CapacityUnits : 0), 0);
}

// Of a transaction DynamoDB Local names fewer units the more items it has; AWS bills two for each at least.
function leastUnitsOf({ operation, body }: EdgeCall): number {
  return operation === 'TransactWriteItems' && isRecord(body) ? 2 * listOf(body.TransactItems).length : 0;
}

function errorOf({ status, body }: AwsAnswer): { error: string } | undefined {
  if (status < 400) return undefined;
  const type = isRecord(body) ? String(body.__type ?? '') : '';
  return { error: type.slice(type.indexOf('#') + 1) };
}

function injectedError({ service, operation, body }: EdgeCall, { code = '' }: PendingFault): AwsAnswer {
  if (code !== 'TransactionConflict') return awsError(service, code);
  const items = isRecord(body) ? listOf(body.TransactItems).length : 0;
  return operation.startsWith('Transact')
    ? transactionConflict(items)
    : awsError(service, 'TransactionConflictException');
}

/** The first half of each table's keys or writes, and what remains: of a single one, all remains. */
function splitBatch(body: unknown): { done: JsonRecord; left: JsonRecord } {
  const tables = isRecord(body) && isRecord(body.RequestItems) ? Object.entries(body.RequestItems) : [];
  const [done, left]: [JsonRecord, JsonRecord] = [{}, {}];
  for (const [name, wanted] of tables) {
    const whole = isRecord(wanted) ? listOf(wanted.Keys) : listOf(wanted);
    const half = Math.floor(whole.length / 2);
    const part = (some: unknown[]) => (isRecord(wanted) ? { ...wanted, Keys: some } : some);
    if (half > 0) done[name] = part(whole.slice(0, half));
    left[name] = part(whole.slice(half));
  }
  return { done, left };
}

function refusal(
  { function: operation, role }: Principal,
  { action, resource, context }: Access,
  isExplicit: boolean,
): string {
  const user = `arn:${local.partition}:sts::${local.account}:assumed-role/${role}/${operation.replaceAll('/', '-')}`;
  const reason = isExplicit
    ? 'with an explicit deny in an identity-based policy'
    : `because no identity-based policy allows the ${action} action`;
  const keys =
    context['dynamodb:LeadingKeys']?.join(', ') ?? context['kms:EncryptionContext:purpose']?.join(', ') ?? 'none';
  return `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${reason} (function ${operation}, partition ${keys})`;
}
