import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivate } from './kms-keys.ts';

/** The folder in which the product keeps its data between starts. */
export interface DataFolder {
  /** Of DynamoDB Local. */
  readonly tables: string;
  readonly keys: string;
  /** Where the stream was read to, by the function that reads it. */
  positionsOf(operation: string): string;
  /** Tells that the first administrator was made, and what the name is. */
  readonly administrator: string;
  readonly salt: string;
  /** Lets another product have the folder. */
  release(): void;
}

/**
 * Takes the folder for this process, empty when `fresh`. One that another running product has throws a sentence: two would
 * spoil each other's data.
 */
export function openDataFolder(folder: string, { fresh = false }: { fresh?: boolean } = {}): DataFolder {
  const lock = join(folder, 'process');
  const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
  if (holder !== process.pid && isRunning(holder)) {
    throw new Error(
      `The data in ${folder} is in use by process ${holder}: stop it, or choose another folder with --data.`,
    );
  }
  if (fresh) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writePrivate(lock, String(process.pid));
  return {
    tables: join(folder, 'dynamodb'),
    keys: join(folder, 'kms.json'),
    positionsOf: (operation) => join(folder, `stream-${operation.replaceAll('/', '-')}.json`),
    administrator: join(folder, 'administrator'),
    salt: join(folder, 'salt'),
    release: () => rmSync(lock, { force: true }),
  };
}

/**
 * What stands for a value of Secrets Manager: the same for the same reference, another in another data folder. Without a
 * folder another at every start.
 */
export function secretValues(saltFile?: string): (reference: string) => string {
  if (saltFile !== undefined && !existsSync(saltFile)) writePrivate(saltFile, randomBytes(32).toString('hex'));
  const salt = saltFile === undefined ? randomBytes(32).toString('hex') : readFileSync(saltFile, 'utf8');
  return (reference) => createHmac('sha256', salt).update(reference).digest('hex').slice(0, 48);
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
