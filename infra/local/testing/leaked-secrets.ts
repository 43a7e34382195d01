import { callDynamoDb } from '../dynamodb.ts';
import { isRecord, listOf } from '../json.ts';
import type { ProductInfo } from '../product.ts';
import { createSecretSearch } from './secret-search.ts';
import { type SeenSecret, takeSeenSecrets } from './secrets-seen.ts';

type Product = Pick<ProductInfo, 'dynamo_db' | 'table_name' | 'control'>;

/**
 * Searches all that a product keeps and writes (its whole table, events among it, and the logs of all functions) for secrets, and
 * for codes, which six digits that stand alone are. Sentences about what is there, without saying it.
 */
export async function leakedSecrets(product: Product, secrets: readonly SeenSecret[]): Promise<string[]> {
  const search = createSecretSearch(secrets);
  const [items, logs] = await Promise.all([scan(product), readLogs(product)]);
  const sentences: string[] = [];
  const tell = (place: string, text: string, holdsCode: boolean) => {
    for (const what of search(Buffer.from(text))) sentences.push(`${place} holds ${what}.`);
    if (holdsCode) sentences.push(`${place} holds six to eight digits, as a code does.`);
  };
  for (const item of items) {
    const [text, partition] = [JSON.stringify(item), partitionOf(item)];
    // Versions of a key ring are numbered in six digits.
    const holdsCode = !partition.startsWith('KEYRING#') && /"S":"[0-9]{6,8}"/.test(text);
    tell(`An item of ${partition.replace(/#.*/, '')}`, text, holdsCode);
  }
  for (const { function: operation, text } of logs) {
    tell(`A log line of ${operation}`, text, /"[0-9]{6,8}\\*"/.test(text));
  }
  return [...new Set(sentences)];
}

/** Fails a run whose products keep or log anything that its tests sent or got as a secret (SECURITY 27, 28). */
export async function failOnLeakedSecrets(products: readonly Product[]): Promise<void> {
  const leaks = await Promise.all(products.map((product) => leakedSecrets(product, takeSeenSecrets(product))));
  const sentences = leaks.flat();
  if (sentences.length === 0) return;
  console.error(['', 'What tests sent or got as a secret stands where it must not:', ...sentences].join('\n'));
  // A teardown has no other way to fail a run.
  process.exitCode = 1;
}

function partitionOf(item: unknown): string {
  return isRecord(item) && isRecord(item['pk']) ? String(item['pk']['S']) : '';
}

/** Every item, as DynamoDB writes it: bytes in base64. */
async function scan({ dynamo_db, table_name }: Product): Promise<unknown[]> {
  const items: unknown[] = [];
  for (let after: unknown; ; ) {
    const page = await callDynamoDb(dynamo_db, 'Scan', {
      TableName: table_name,
      ConsistentRead: true,
      ...(after !== undefined && { ExclusiveStartKey: after }),
    });
    items.push(...listOf(page['Items']));
    after = page['LastEvaluatedKey'];
    if (after === undefined) return items;
  }
}

async function readLogs({ control }: Product): Promise<{ function: string; text: string }[]> {
  const response = await fetch(`${control}/logs`);
  const lines = (await response.text()).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}
