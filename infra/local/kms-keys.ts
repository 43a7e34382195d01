import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { parseJson } from './json.ts';
import { local, resourcesOf, type Template } from './template.ts';

/** A KMS key as the template declares it. */
export interface KeyDefinition {
  /** Logical id of the resource. */
  readonly logicalId: string;
  readonly spec: 'SYMMETRIC_DEFAULT' | 'ECC_NIST_P256';
  readonly usage: 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY';
  /** Names such as `alias/otp/data`. */
  readonly aliases: readonly string[];
}

/** A key of the local KMS, with its material. */
export interface KmsKey extends KeyDefinition {
  readonly id: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly material:
    | { readonly kind: 'symmetric'; readonly key: Buffer }
    | { readonly kind: 'signing'; readonly key: KeyObject };
  enabled: boolean;
}

const storedSchema = z.record(
  z.string(),
  z.object({ logical_id: z.string(), created_at: z.number(), material: z.string() }),
);

type Stored = z.output<typeof storedSchema>;

const aliasSchema = z.looseObject({ AliasName: z.string(), TargetKeyId: z.unknown() });
const keySchema = z.looseObject({
  KeySpec: z.enum(['SYMMETRIC_DEFAULT', 'ECC_NIST_P256']).default('SYMMETRIC_DEFAULT'),
  KeyUsage: z.enum(['ENCRYPT_DECRYPT', 'SIGN_VERIFY']).default('ENCRYPT_DECRYPT'),
});

/** The keys that a template declares. They are read before anything else, since the rest refers to their ids. */
export function keyDefinitions(template: Template): KeyDefinition[] {
  const aliases = resourcesOf(template, 'AWS::KMS::Alias').map(({ properties }) => aliasSchema.parse(properties));
  return resourcesOf(template, 'AWS::KMS::Key').map(({ id, properties }) => {
    const { KeySpec: spec, KeyUsage: usage } = keySchema.parse(properties);
    // The target is Ref or GetAtt Arn of the key: either way the logical id stands in it.
    const own = aliases.filter(({ TargetKeyId }) => JSON.stringify(TargetKeyId).includes(`"${id}"`));
    return { logicalId: id, spec, usage, aliases: own.map(({ AliasName }) => AliasName) };
  });
}

/**
 * Loads the keys from `file` and makes those that are missing there, so that data sealed at an earlier start still
 * opens. Without a file the keys last as long as the process. The file is readable by its owner only.
 */
export function loadKeys(definitions: readonly KeyDefinition[], file?: string): KmsKey[] {
  const stored: Stored = file && existsSync(file) ? storedSchema.parse(parseJson(readFileSync(file, 'utf8'))) : {};
  for (const definition of definitions) {
    if (Object.values(stored).some(({ logical_id }) => logical_id === definition.logicalId)) continue;
    const material = definition.spec === 'ECC_NIST_P256' ? newSigningKey() : randomBytes(32).toString('base64');
    stored[randomUUID()] = { logical_id: definition.logicalId, created_at: Date.now(), material };
  }
  if (file) writePrivate(file, JSON.stringify(stored, null, 2));
  return Object.entries(stored).flatMap(([id, { logical_id, created_at, material }]) => {
    const definition = definitions.find(({ logicalId }) => logicalId === logical_id);
    if (definition === undefined) return [];
    const arn = `arn:${local.partition}:kms:${local.region}:${local.account}:key/${id}`;
    return [
      { ...definition, id, arn, createdAt: created_at, enabled: true, material: readMaterial(definition, material) },
    ];
  });
}

function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
}

function readMaterial(definition: KeyDefinition, material: string): KmsKey['material'] {
  const key = Buffer.from(material, 'base64');
  if (definition.spec === 'SYMMETRIC_DEFAULT') return { kind: 'symmetric', key };
  return { kind: 'signing', key: createPrivateKey({ key, type: 'pkcs8', format: 'der' }) };
}

/** Writes a file that only its owner can read; nobody ever sees half of it. */
export function writePrivate(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, text, { mode: 0o600 });
  renameSync(partial, file);
}
