import { createCipheriv, createDecipheriv, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import * as z from 'zod';
import { signDigest } from './ecdsa-digest.ts';
import type { KmsKey } from './kms-keys.ts';

/** An answer of an AWS service as it goes over the wire. */
export interface AwsAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The local KMS: the actions of the real one that the product and its operators use, with its error shapes. */
export interface Kms {
  /** Answers one call; never throws. */
  handle(operation: string, body: unknown): AwsAnswer;
  /** The ARN of the key that a call is about, which a ciphertext may name; nothing when there is no such key. */
  keyArnOf(body: unknown): string | undefined;
}

class KmsError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message?: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));
const context = z.record(z.string(), z.string()).default({});
const named = z.looseObject({ KeyId: z.string().optional(), CiphertextBlob: z.string().optional() });
const keyId = z.string().min(1);
const dataKeySize = z.object({
  KeyId: keyId,
  KeySpec: z.enum(['AES_256', 'AES_128']).optional(),
  NumberOfBytes: z.int().min(1).max(1024).optional(),
  EncryptionContext: context,
});
const sealing = z.object({ KeyId: keyId, Plaintext: base64, EncryptionContext: context });
const opening = z.object({ KeyId: keyId.optional(), CiphertextBlob: base64, EncryptionContext: context });
const resealing = z.object({
  CiphertextBlob: base64,
  SourceKeyId: keyId.optional(),
  SourceEncryptionContext: context,
  DestinationKeyId: keyId,
  DestinationEncryptionContext: context,
});
const signing = z.object({
  KeyId: keyId,
  Message: base64,
  MessageType: z.enum(['RAW', 'DIGEST']).default('RAW'),
  SigningAlgorithm: z.literal('ECDSA_SHA_256'),
});
const verifying = signing.extend({ MessageType: z.literal('RAW').default('RAW'), Signature: base64 });
const one = z.object({ KeyId: keyId });

// A ciphertext: version, key id, initialisation vector, sealed bytes, tag.
const blob = { version: 1, id: 1, iv: 17, sealed: 29, tagBytes: 16 } as const;

const messageBytes = 4096;

/** Opens a KMS over the given keys. Encryption contexts are bound to what is sealed: another one does not open it. */
export function openKms(keys: readonly KmsKey[]): Kms {
  const operations = new Map<string, (body: unknown) => object>([
    ['GenerateDataKey', (body) => generateDataKey(body, true)],
    ['GenerateDataKeyWithoutPlaintext', (body) => generateDataKey(body, false)],
    ['Encrypt', encrypt],
    ['Decrypt', decrypt],
    ['ReEncrypt', reEncrypt],
    ['Sign', signMessage],
    ['Verify', verifySignature],
    ['GetPublicKey', getPublicKey],
    ['DescribeKey', (body) => ({ KeyMetadata: metadata(find(one.parse(body).KeyId)) })],
    ['EnableKey', (body) => setEnabled(body, true)],
    ['DisableKey', (body) => setEnabled(body, false)],
  ]);

  function encrypt(body: unknown): object {
    const { KeyId, Plaintext, EncryptionContext } = sealing.parse(body);
    const key = usable(KeyId, 'ENCRYPT_DECRYPT');
    requireShort(Plaintext);
    const CiphertextBlob = seal(key, Plaintext, EncryptionContext);
    return { CiphertextBlob, KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  }

  function decrypt(body: unknown): object {
    const { KeyId, CiphertextBlob, EncryptionContext } = opening.parse(body);
    const { key, plaintext } = open(CiphertextBlob, EncryptionContext, KeyId);
    return { Plaintext: plaintext.toString('base64'), KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  }

  function reEncrypt(body: unknown): object {
    const read = resealing.parse(body);
    const source = open(read.CiphertextBlob, read.SourceEncryptionContext, read.SourceKeyId);
    const key = usable(read.DestinationKeyId, 'ENCRYPT_DECRYPT');
    return {
      CiphertextBlob: seal(key, source.plaintext, read.DestinationEncryptionContext),
      SourceKeyId: source.key.arn,
      KeyId: key.arn,
      SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    };
  }

  function signMessage(body: unknown): object {
    const { KeyId, Message, MessageType, SigningAlgorithm } = signing.parse(body);
    const key = usable(KeyId, 'SIGN_VERIFY');
    requireShort(Message);
    const signature =
      MessageType === 'RAW'
        ? sign('sha256', Message, privateKey(key))
        : signDigest(requireDigest(Message), privateKey(key));
    return { KeyId: key.arn, Signature: signature.toString('base64'), SigningAlgorithm };
  }

  function verifySignature(body: unknown): object {
    const { KeyId, Message, Signature, SigningAlgorithm } = verifying.parse(body);
    const key = usable(KeyId, 'SIGN_VERIFY');
    if (!verify('sha256', Message, createPublicKey(privateKey(key)), Signature)) {
      throw new KmsError('KMSInvalidSignatureException');
    }
    return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm };
  }

  function getPublicKey(body: unknown): object {
    const key = usable(one.parse(body).KeyId, 'SIGN_VERIFY');
    const publicKey = createPublicKey(privateKey(key)).export({ type: 'spki', format: 'der' });
    return {
      KeyId: key.arn,
      PublicKey: publicKey.toString('base64'),
      KeySpec: key.spec,
      CustomerMasterKeySpec: key.spec,
      KeyUsage: key.usage,
      SigningAlgorithms: ['ECDSA_SHA_256'],
    };
  }

  function handle(operation: string, body: unknown): AwsAnswer {
    const call = operations.get(operation);
    if (call === undefined) return refusal(new KmsError('UnknownOperationException'));
    try {
      return { status: 200, body: call(body) };
    } catch (error) {
      if (error instanceof KmsError) return refusal(error);
      if (error instanceof z.ZodError) return refusal(new KmsError('ValidationException', z.prettifyError(error)));
      return refusal(new KmsError('KMSInternalException', error instanceof Error ? error.message : undefined, 500));
    }
  }

  function keyArnOf(body: unknown): string | undefined {
    const { KeyId, CiphertextBlob } = named.parse(body);
    if (KeyId !== undefined) return lookUp(KeyId)?.arn;
    return CiphertextBlob === undefined ? undefined : keyOfBlob(Buffer.from(CiphertextBlob, 'base64'))?.arn;
  }

  function lookUp(name: string): KmsKey | undefined {
    const alias = name.startsWith('arn:') ? name.split(':').at(-1) : name;
    return keys.find((key) => key.id === name || key.arn === name || key.aliases.some((own) => own === alias));
  }

  function find(name: string): KmsKey {
    const key = lookUp(name);
    if (key !== undefined) return key;
    if (name.includes('alias/')) throw new KmsError('NotFoundException', `Alias ${name} is not found.`);
    throw new KmsError('NotFoundException', `Key '${name}' does not exist`);
  }

  function usable(name: string, usage: KmsKey['usage']): KmsKey {
    const key = find(name);
    if (!key.enabled) throw new KmsError('DisabledException', `${key.arn} is disabled.`);
    if (key.usage !== usage) {
      throw new KmsError(
        'InvalidKeyUsageException',
        `${key.arn} key usage is ${key.usage} which is not valid for this operation.`,
      );
    }
    return key;
  }

  function keyOfBlob(sealed: Buffer): KmsKey | undefined {
    if (sealed[0] !== blob.version || sealed.length < blob.sealed + blob.tagBytes) return undefined;
    const hex = sealed.subarray(blob.id, blob.iv).toString('hex');
    return keys.find((key) => key.id.replaceAll('-', '') === hex);
  }

  function open(
    sealed: Buffer,
    encryptionContext: Record<string, string>,
    named: string | undefined,
  ): { key: KmsKey; plaintext: Buffer } {
    const key = keyOfBlob(sealed);
    if (named !== undefined && key !== undefined && usable(named, 'ENCRYPT_DECRYPT') !== key) {
      throw new KmsError(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can perform this operation.',
      );
    }
    if (key === undefined) throw new KmsError('InvalidCiphertextException');
    usable(key.id, 'ENCRYPT_DECRYPT');
    try {
      const decipher = createDecipheriv('aes-256-gcm', symmetric(key), sealed.subarray(blob.iv, blob.sealed));
      decipher.setAAD(additionalData(key, encryptionContext));
      decipher.setAuthTag(sealed.subarray(-blob.tagBytes));
      const body = sealed.subarray(blob.sealed, -blob.tagBytes);
      return { key, plaintext: Buffer.concat([decipher.update(body), decipher.final()]) };
    } catch {
      // KMS does not tell a wrong context from a changed ciphertext.
      throw new KmsError('InvalidCiphertextException');
    }
  }

  function generateDataKey(body: unknown, withPlaintext: boolean): object {
    const { KeyId, KeySpec, NumberOfBytes, EncryptionContext } = dataKeySize.parse(body);
    const key = usable(KeyId, 'ENCRYPT_DECRYPT');
    if ((KeySpec === undefined) === (NumberOfBytes === undefined)) {
      throw new KmsError('ValidationException', 'Please specify either number of bytes or key spec.');
    }
    const plaintext = randomBytes(NumberOfBytes ?? (KeySpec === 'AES_128' ? 16 : 32));
    const sealed = { CiphertextBlob: seal(key, plaintext, EncryptionContext), KeyId: key.arn };
    return withPlaintext ? { ...sealed, Plaintext: plaintext.toString('base64') } : sealed;
  }

  function setEnabled(body: unknown, enabled: boolean): object {
    find(one.parse(body).KeyId).enabled = enabled;
    return {};
  }

  return { handle, keyArnOf };
}

function refusal({ code, message, status }: KmsError): AwsAnswer {
  return { status, body: message ? { __type: code, message } : { __type: code } };
}

function seal(key: KmsKey, plaintext: Buffer, encryptionContext: Record<string, string>): string {
  const iv = randomBytes(blob.sealed - blob.iv);
  const cipher = createCipheriv('aes-256-gcm', symmetric(key), iv);
  cipher.setAAD(additionalData(key, encryptionContext));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const id = Buffer.from(key.id.replaceAll('-', ''), 'hex');
  return Buffer.concat([Buffer.of(blob.version), id, iv, sealed, cipher.getAuthTag()]).toString('base64');
}

// Pairs sorted and quoted, so that no two contexts have the same text; the order in a request means nothing.
function additionalData(key: KmsKey, encryptionContext: Record<string, string>): Buffer {
  const pairs = Object.entries(encryptionContext).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify([key.id, pairs]));
}

function symmetric(key: KmsKey): Buffer {
  if (key.material.kind !== 'symmetric') throw new KmsError('InvalidKeyUsageException', `${key.arn} does not encrypt.`);
  return key.material.key;
}

function privateKey(key: KmsKey) {
  if (key.material.kind !== 'signing') throw new KmsError('InvalidKeyUsageException', `${key.arn} does not sign.`);
  return key.material.key;
}

function requireShort(message: Buffer): void {
  if (message.length <= messageBytes) return;
  throw new KmsError('ValidationException', `Value is longer than ${messageBytes} bytes`);
}

function requireDigest(message: Buffer): Buffer {
  if (message.length === 32) return message;
  throw new KmsError('ValidationException', 'Digest is invalid length for algorithm ECDSA_SHA_256.');
}

function metadata(key: KmsKey): object {
  return {
    AWSAccountId: key.arn.split(':')[4],
    Arn: key.arn,
    CreationDate: key.createdAt / 1000,
    CustomerMasterKeySpec: key.spec,
    Enabled: key.enabled,
    KeyId: key.id,
    KeyManager: 'CUSTOMER',
    KeySpec: key.spec,
    KeyState: key.enabled ? 'Enabled' : 'Disabled',
    KeyUsage: key.usage,
    MultiRegion: false,
    Origin: 'AWS_KMS',
    ...(key.usage === 'SIGN_VERIFY'
      ? { SigningAlgorithms: ['ECDSA_SHA_256'] }
      : { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] }),
  };
}
