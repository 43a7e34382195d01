import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import type { DataFolder } from './data-folder.ts';
import { isRecord, parseJson } from './json.ts';
import { writePrivate } from './kms-keys.ts';
import type { ProductInfo } from './product.ts';

/** Who may administer the product; the password only when it was made just now. */
export interface FirstAdministrator {
  readonly username: string;
  readonly password: string | undefined;
}

const run = promisify(execFile);
const command = fileURLToPath(new URL('../admin.ts', import.meta.url));
const createdSchema = z.object({ username: z.string(), password: z.string() });

/** The environment with which a command of the operator reaches the local product instead of an account. */
export function operatorEnvironment(info: ProductInfo): Record<string, string> {
  return {
    AWS_REGION: info.region,
    AWS_ACCESS_KEY_ID: info.operator_access_key_id,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: info.aws,
    AWS_ENDPOINT_URL_KMS: info.aws,
    TABLE_NAME: info.table_name,
    ...(info.data_key_id !== undefined && { DATA_KEY_ID: info.data_key_id }),
    ...(info.signing_key_id !== undefined && { SIGNING_KEY_ID: info.signing_key_id }),
  };
}

/** Runs the operator's command `npm run admin` on the local product; gives what it prints. A refusal throws its sentence. */
export async function runAdminCommand(info: ProductInfo, ...args: string[]): Promise<string> {
  const env = { ...process.env, ...operatorEnvironment(info) };
  try {
    return (await run(process.execPath, [command, ...args], { env })).stdout;
  } catch (cause) {
    const said = isRecord(cause) ? String(cause.stderr ?? '').trim() : '';
    throw new Error(said || String(cause), { cause });
  }
}

/** Makes the first administrator by the operator's own command, once for a data folder. */
export async function createFirstAdministrator(info: ProductInfo, data: DataFolder): Promise<FirstAdministrator> {
  if (existsSync(data.administrator)) {
    return { username: readFileSync(data.administrator, 'utf8').trim(), password: undefined };
  }
  const said = await runAdminCommand(info, 'create', '--username', 'admin', '--email', 'admin@example.com', '--json');
  const created = createdSchema.parse(parseJson(said));
  writePrivate(data.administrator, created.username);
  return created;
}
