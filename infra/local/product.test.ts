import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDataFolder } from './data-folder.ts';
import { callDynamoDb, type DynamoDb, startDynamoDb } from './dynamodb.ts';
import { type Product, type ProductOptions, startProduct } from './product.ts';
import { launchProduct } from './product-launch.ts';
import { writeSampleAssembly } from './testing/sample-stack.ts';
import { connect } from './testing.ts';

let assembly: Awaited<ReturnType<typeof writeSampleAssembly>>;
let dynamoDb: DynamoDb;
let products: Product[] = [];
let tables = 0;
/** One for the tests that only use it. */
let shared: Product;

beforeAll(async () => {
  [assembly, dynamoDb] = await Promise.all([writeSampleAssembly(), startDynamoDb()]);
  shared = await start();
  products = [];
}, 60_000);
afterEach(async () => {
  await Promise.all(products.map((product) => product.stop()));
  products = [];
});
afterAll(async () => {
  await shared?.stop();
  await dynamoDb?.stop();
  await assembly?.remove();
});

async function start(options: ProductOptions = {}): Promise<Product> {
  const product = await startProduct({
    assembly,
    dynamoDb: dynamoDb.endpoint,
    tableName: `otp-product-${++tables}`,
    ...options,
  });
  products.push(product);
  return product;
}

async function read({ info }: Pick<Product, 'info'>, pk: string, sk: string) {
  const { Item } = await callDynamoDb(info.dynamo_db, 'GetItem', {
    TableName: info.table_name,
    Key: { pk: { S: pk }, sk: { S: sk } },
    ConsistentRead: true,
  });
  return Item;
}

describe('startProduct', () => {
  it('runs every part of the stack: routes, functions, roles, keys, the trigger, the stream, the site', async () => {
    const product = shared;
    const { newClient, calls, streamIsRead, info } = connect(product.info);
    expect(product.isNew).toBe(true);
    expect(await read(product, 'KEYRING#otp', '1')).toBeDefined();

    const client = newClient();
    const touched = await client.post('/items/7?purpose=otp', {});
    expect([touched.status, touched.body]).toEqual([200, { touched: 1 }]);
    expect(await calls(touched.requestId)).toMatchObject({
      function: 'items/touch-item',
      dynamodb: 1,
      kms: 1,
      write_units: 1,
      ms: expect.any(Number),
      cpu_ms: expect.any(Number),
    });

    await streamIsRead();
    expect(await read(product, 'COUNT#all', 'COUNT')).toMatchObject({ seen: { N: '1' } });

    expect((await client.get('/nothing/here')).text).toBe('/nothing/here');
    expect(await (await fetch(`${info.console}/some/page`)).text()).toContain('<title>sample</title>');
    const echoed = await fetch(`${info.console}/api/echo/hello`, { method: 'POST' });
    expect(await echoed.json()).toMatchObject({
      rawPath: '/echo/hello',
      headers: { 'x-viewer': '127.0.0.1', 'x-edge-word': expect.stringMatching(/^[0-9a-f]{48}$/) },
    });
  }, 30_000);

  it('refuses a function what its role does not allow, and says so in the log', async () => {
    const { newClient, logs, info } = connect(shared.info);
    const client = newClient();
    const other = await client.post('/items/7?entity=SECRET', {});
    expect(other.text).toContain('AccessDeniedException: User: ');
    expect(other.text).toContain('(function items/touch-item, partition SECRET#7)');
    expect((await client.post('/items/7?purpose=mfa', {})).text).toContain('kms:GenerateDataKeyWithoutPlaintext');
    const said = await logs({ request_id: other.requestId });
    expect(said).toMatchObject([{ stream: 'platform', text: expect.stringContaining('partition SECRET#7') }]);
    expect((await connect(info).ask('GET', '/grants')).body.used).toContainEqual({
      function: 'items/touch-item',
      action: 'dynamodb:UpdateItem',
      partition: 'ITEM#*',
    });
  }, 30_000);

  it('lets faults befall the requests of one client and no other’s', async () => {
    const { newClient, fault } = connect(shared.info);
    const [struck, spared] = [newClient(), newClient()];
    const pending = await fault({
      service: 'dynamodb',
      kind: 'error',
      code: 'ValidationException',
      times: 'forever',
      source_ip: struck.sourceIp,
    });
    const [first, second] = await Promise.all([struck.post('/items/1', {}), spared.post('/items/1', {})]);
    expect([first.status, second.status]).toEqual([500, 200]);
    await pending.clear();
    expect((await struck.post('/items/1', {})).status).toBe(200);
  }, 30_000);

  it('gives clients the time that they ask for', async () => {
    const { newClient, moveClock } = connect(shared.info);
    const [moved, other] = [newClient(), newClient()];
    const hours = async (client = moved) =>
      Math.round(
        (JSON.parse((await client.post('/echo/x', {})).text).requestContext.timeEpoch - Date.now()) / 3_600_000,
      ) + 0;
    await moved.moveClock(2 * 3_600_000);
    expect([await hours(), await hours(other)]).toEqual([2, 0]);
    await moveClock(-3_600_000);
    expect([await hours(), await hours(other)]).toEqual([2, -1]);
  }, 30_000);

  it('leaves nothing in a DynamoDB that stays', async () => {
    const product = await start();
    await product.stop();
    const { TableNames } = await callDynamoDb(dynamoDb.endpoint, 'ListTables', {});
    expect(TableNames).not.toContain(product.info.table_name);
    await expect(fetch(product.info.api)).rejects.toThrow();
    await expect(fetch(product.info.control)).rejects.toThrow();
  }, 30_000);

  it('keeps data and keys in its folder from start to start', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'product-'));
    const run = async () => {
      const data = openDataFolder(folder);
      const product = await startProduct({ assembly, data });
      const touched = await connect(product.info).newClient().post('/items/7', {});
      await product.stop();
      data.release();
      return { isNew: product.isNew, touched: touched.body.touched, key: product.info.data_key_id };
    };
    const [first, second] = [await run(), await run()];
    expect(first).toMatchObject({ isNew: true, touched: 1 });
    expect(second).toEqual({ isNew: false, touched: 2, key: first.key });
    rmSync(folder, { recursive: true });
  }, 60_000);

  it('stops what it has started when something does not start', async () => {
    const { port } = new URL(shared.info.control);
    const before = await callDynamoDb(dynamoDb.endpoint, 'ListTables', {});
    await expect(start({ ports: { control: Number(port) } })).rejects.toThrow(`Port ${port} is taken`);
    expect(await callDynamoDb(dynamoDb.endpoint, 'ListTables', {})).toEqual(before);
  }, 30_000);

  it('tells when DynamoDB ends under it', async () => {
    const product = await startProduct({ assembly });
    products.push(product);
    const { port } = new URL(product.info.dynamo_db);
    process.kill(Number(execFileSync('pgrep', ['-f', `^java .*-port ${port}$`], { encoding: 'utf8' })), 'SIGKILL');
    await expect(product.failed).resolves.toContain('DynamoDB Local has ended');
  }, 30_000);
});

describe('launchProduct', () => {
  it('runs a product in a process of its own, which ends when asked to', async () => {
    const { info, stop } = await launchProduct({ assembly, dynamoDb: dynamoDb.endpoint, tableName: 'otp-launched' });
    expect((await connect(info).newClient().post('/items/1', {})).body).toEqual({ touched: 1 });
    await stop();
    await expect(fetch(info.api)).rejects.toThrow();
  }, 30_000);

  it('says why it did not start', async () => {
    const launched = launchProduct({ assembly: { ...assembly, folder: tmpdir() }, dynamoDb: dynamoDb.endpoint });
    await expect(launched).rejects.toThrow('templates; the product is one stack');
  }, 30_000);
});
