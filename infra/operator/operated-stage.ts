import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { operatorEnvironment } from '../local/first-administrator.ts';
import { isRecord } from '../local/json.ts';
import type { ProductInfo } from '../local/product.ts';
import { CommandRefused } from './administration.ts';

/** How the operator says which stage is meant. */
export interface StageChoice {
  /** Name of its table, in the account and region of the operator's AWS credentials. */
  readonly table?: string | undefined;
  /** The file that `cdk deploy --outputs-file` wrote. */
  readonly outputs?: string | undefined;
  /** The control port of a product on this machine. */
  readonly control: string;
}

/** Where a stage keeps what the operator works on. */
export interface OperatedStage {
  readonly tableName: string;
  /** Id, ARN or alias. */
  readonly dataKeyId: string | undefined;
  readonly signingKeyId: string | undefined;
}

// As the control port of this very version answers it.
const infoSchema = z.custom<ProductInfo>((value) => isRecord(value) && typeof value['table_name'] === 'string');
const outputsSchema = z.record(
  z.string(),
  z.looseObject({ TableName: z.string(), DataKeyId: z.string().optional(), SigningKeyId: z.string().optional() }),
);

/** Finds the stage that was named, by flag, file or environment; where none is, the product on this machine. */
export async function findStage(
  { table, outputs, control }: StageChoice,
  env: NodeJS.ProcessEnv,
): Promise<OperatedStage> {
  if (table === undefined && outputs !== undefined) return stageInOutputs(outputs);
  const tableName = table ?? env['TABLE_NAME'];
  if (tableName !== undefined) {
    return { tableName, dataKeyId: env['DATA_KEY_ID'], signingKeyId: env['SIGNING_KEY_ID'] };
  }
  const info = await readControlPort(control);
  // The SDK takes endpoint and credentials from the environment alone.
  Object.assign(env, operatorEnvironment(info));
  return { tableName: info.table_name, dataKeyId: info.data_key_id, signingKeyId: info.signing_key_id };
}

async function stageInOutputs(file: string): Promise<OperatedStage> {
  const [stack] = Object.values(await readOutputs(file));
  if (stack === undefined) throw new CommandRefused(`${file} names no table.`);
  return { tableName: stack.TableName, dataKeyId: stack.DataKeyId, signingKeyId: stack.SigningKeyId };
}

async function readOutputs(file: string): Promise<z.infer<typeof outputsSchema>> {
  try {
    return outputsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new CommandRefused(`${file} is not what “cdk deploy --outputs-file” writes.`, { cause });
  }
}

async function readControlPort(control: string): Promise<ProductInfo> {
  try {
    const response = await fetch(control, { signal: AbortSignal.timeout(2000) });
    return infoSchema.parse(await response.json());
  } catch (cause) {
    throw new CommandRefused(
      `No product answers at ${control}. Start it with “npm start”, or name an account’s table with --table or --outputs.`,
      { cause },
    );
  }
}
