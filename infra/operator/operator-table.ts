import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { openTable, type Table } from '../../shared/data/table.ts';
import { operatorEnvironment } from '../local/first-administrator.ts';
import { isRecord } from '../local/json.ts';
import type { ProductInfo } from '../local/product.ts';
import { CommandRefused } from './administration.ts';

/** How the operator says which table is meant. */
export interface TableChoice {
  /** Its name, in the account and region of the operator's AWS credentials. */
  readonly table?: string | undefined;
  /** The file that `cdk deploy --outputs-file` wrote. */
  readonly outputs?: string | undefined;
  /** The control port of a product on this machine. */
  readonly control: string;
}

// As the control port of this very version answers it.
const infoSchema = z.custom<ProductInfo>((value) => isRecord(value) && typeof value['table_name'] === 'string');
const outputsSchema = z.record(z.string(), z.looseObject({ TableName: z.string() }));

/** Opens the table that was named, by flag, environment or file; where none is, that of the product on this machine. */
export async function openOperatorTable(
  { table, outputs, control }: TableChoice,
  env: NodeJS.ProcessEnv,
): Promise<Table> {
  const named = table ?? (outputs === undefined ? env['TABLE_NAME'] : await tableInOutputs(outputs));
  if (named !== undefined) return openTable(named);
  const info = await readControlPort(control);
  // The SDK takes endpoint and credentials from the environment alone.
  Object.assign(env, operatorEnvironment(info));
  return openTable(info.table_name);
}

async function tableInOutputs(file: string): Promise<string> {
  try {
    const [stack] = Object.values(outputsSchema.parse(JSON.parse(await readFile(file, 'utf8'))));
    if (stack !== undefined) return stack.TableName;
  } catch (cause) {
    throw new CommandRefused(`${file} is not what “cdk deploy --outputs-file” writes.`, { cause });
  }
  throw new CommandRefused(`${file} names no table.`);
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
