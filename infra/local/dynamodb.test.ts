import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { attachDynamoDb, callDynamoDb, createTable, type DynamoDb, startDynamoDb, tableSchema } from './dynamodb.ts';
import { sampleTemplate } from './testing/sample-stack.ts';

const shape = tableSchema.parse(sampleTemplate().Resources.Table?.Properties);
const folder = mkdtempSync(join(tmpdir(), 'dynamodb-'));
let running: DynamoDb[] = [];

afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  running = [];
});
afterAll(() => rmSync(folder, { recursive: true }));

async function start(dataDir?: string): Promise<DynamoDb> {
  const dynamoDb = await startDynamoDb({ dataDir });
  running.push(dynamoDb);
  return dynamoDb;
}

const answers = (endpoint: string) =>
  callDynamoDb(endpoint, 'ListTables', {}).then(
    () => true,
    () => false,
  );

describe('createTable', () => {
  it('makes the table of the template once, with indexes, stream and time to live', async () => {
    const { endpoint } = await start();
    expect(await createTable(endpoint, 'otp', shape)).toBe(true);
    expect(await createTable(endpoint, 'otp', shape)).toBe(false);
    const { Table } = await callDynamoDb(endpoint, 'DescribeTable', { TableName: 'otp' });
    expect(Table).toMatchObject({
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      GlobalSecondaryIndexes: [{ IndexName: 'audit' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
    const { TimeToLiveDescription } = await callDynamoDb(endpoint, 'DescribeTimeToLive', { TableName: 'otp' });
    expect(TimeToLiveDescription).toEqual({ AttributeName: 'ttl', TimeToLiveStatus: 'ENABLED' });

    const other = { ...shape, GlobalSecondaryIndexes: [] };
    await expect(createTable(endpoint, 'otp', other)).rejects.toThrow('begin again with npm start -- --fresh');
  }, 30_000);
});

describe('startDynamoDb', () => {
  it('keeps data in its folder from start to start', async () => {
    const first = await start(folder);
    await createTable(first.endpoint, 'otp', shape);
    await first.stop();
    expect(await answers(first.endpoint)).toBe(false);
    const second = await start(folder);
    expect(await createTable(second.endpoint, 'otp', shape)).toBe(false);
  }, 30_000);

  it('tells when it ends by itself, and only then', async () => {
    const [asked, killed] = await Promise.all([start(), start()]);
    const heard = vi.fn();
    void asked.crashed.then(heard);
    await asked.stop();
    const { port } = new URL(killed.endpoint);
    const found = await run('pgrep', ['-f', `^java .*-port ${port}$`]);
    process.kill(Number(found.trim()), 'SIGKILL');
    await expect(killed.crashed).resolves.toBeTypeOf('string');
    expect(heard).not.toHaveBeenCalled();
  }, 30_000);

  it('ends with its process, however that ends', async () => {
    const script = `
      import { startDynamoDb } from ${JSON.stringify(fileURLToPath(new URL('./dynamodb.ts', import.meta.url)))};
      console.log((await startDynamoDb()).endpoint);
      setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const endpoint = await new Promise<string>((resolve) =>
      owner.stdout.once('data', (text) => resolve(String(text).trim())),
    );
    expect(await answers(endpoint)).toBe(true);
    owner.kill('SIGKILL');
    await vi.waitFor(async () => expect(await answers(endpoint)).toBe(false), { timeout: 8000, interval: 100 });
  }, 30_000);

  it('says in a sentence that there is no Java', async () => {
    vi.stubEnv('PATH', folder);
    await expect(startDynamoDb()).rejects.toThrow('DynamoDB Local did not start: there is no java on this machine.');
    vi.unstubAllEnvs();
  });
});

describe('attachDynamoDb', () => {
  it('uses one that is running, and leaves it running', async () => {
    const { endpoint } = await start();
    const attached = await attachDynamoDb(endpoint);
    await attached.stop();
    expect(await answers(endpoint)).toBe(true);
  }, 30_000);

  it('says in a sentence that none answers', async () => {
    await expect(attachDynamoDb('http://127.0.0.1:1')).rejects.toThrow('No DynamoDB answers at http://127.0.0.1:1.');
  });
});

async function run(command: string, args: string[]): Promise<string> {
  const child = spawn(command, args);
  let said = '';
  child.stdout.on('data', (text) => {
    said += String(text);
  });
  await new Promise((resolve) => child.once('close', resolve));
  await wait(0);
  return said;
}
