import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { isRecord } from './json.ts';
import { openKms } from './kms.ts';
import { type KeyDefinition, keyDefinitions, loadKeys } from './kms-keys.ts';
import { readTemplate } from './template.ts';
import { sampleTemplate } from './testing/sample-stack.ts';

const definitions: KeyDefinition[] = [
  { logicalId: 'DataKey', spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT', aliases: ['alias/data'] },
  { logicalId: 'OtherKey', spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT', aliases: [] },
  { logicalId: 'SigningKey', spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY', aliases: ['alias/signing'] },
];

function open() {
  const keys = loadKeys(definitions);
  const kms = openKms(keys);
  const idOf = (logicalId: string) => keys.find((key) => key.logicalId === logicalId)?.id ?? '';
  function call(operation: string, body: object): Record<string, string> {
    const { status, body: answer } = kms.handle(operation, body);
    if (status !== 200 || !isRecord(answer)) throw new Error(JSON.stringify(answer));
    return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, String(value)]));
  }
  return { kms, keys, call, data: idOf('DataKey'), other: idOf('OtherKey'), signing: idOf('SigningKey') };
}

const otp = { purpose: 'otp' };

describe('data keys', () => {
  it('GenerateDataKey gives a key and the same key sealed', () => {
    const { call, data, keys } = open();
    const { Plaintext, CiphertextBlob, KeyId } = call('GenerateDataKey', {
      KeyId: data,
      KeySpec: 'AES_256',
      EncryptionContext: otp,
    });
    expect(Buffer.from(Plaintext ?? '', 'base64')).toHaveLength(32);
    expect(KeyId).toBe(keys[0]?.arn);
    expect(call('Decrypt', { CiphertextBlob, EncryptionContext: otp }).Plaintext).toBe(Plaintext);
  });

  it('GenerateDataKeyWithoutPlaintext keeps the key to itself', () => {
    const { call, data } = open();
    const sealed = call('GenerateDataKeyWithoutPlaintext', { KeyId: data, NumberOfBytes: 20 });
    expect(Object.keys(sealed).sort()).toEqual(['CiphertextBlob', 'KeyId']);
    const opened = call('Decrypt', { KeyId: 'alias/data', CiphertextBlob: sealed.CiphertextBlob });
    expect(Buffer.from(opened.Plaintext ?? '', 'base64')).toHaveLength(20);
  });

  it('wants either a number of bytes or a key spec', () => {
    const { call, data } = open();
    expect(() => call('GenerateDataKey', { KeyId: data })).toThrow('ValidationException');
    expect(() => call('GenerateDataKey', { KeyId: data, KeySpec: 'AES_128', NumberOfBytes: 16 })).toThrow(
      'ValidationException',
    );
  });
});

describe('Encrypt and Decrypt', () => {
  const Plaintext = Buffer.from('hello').toString('base64');

  it('open what was sealed, whatever the order of the context', () => {
    const { call, data } = open();
    const { CiphertextBlob } = call('Encrypt', { KeyId: data, Plaintext, EncryptionContext: { a: '1', b: '2' } });
    expect(call('Decrypt', { CiphertextBlob, EncryptionContext: { b: '2', a: '1' } }).Plaintext).toBe(Plaintext);
  });

  it.each([
    ['another context', { EncryptionContext: { purpose: 'mfa' } }],
    ['no context', {}],
    ['one name more', { EncryptionContext: { ...otp, more: '1' } }],
    ['a context that reads alike', { EncryptionContext: { 'purpose":"otp': '' } }],
  ])('do not open with %s', (_, sent) => {
    const { call, data } = open();
    const { CiphertextBlob } = call('Encrypt', { KeyId: data, Plaintext, EncryptionContext: otp });
    expect(() => call('Decrypt', { CiphertextBlob, ...sent })).toThrow('{"__type":"InvalidCiphertextException"}');
  });

  it('do not open what was changed in any byte, nor what is no ciphertext', () => {
    const { call, data } = open();
    const { CiphertextBlob = '' } = call('Encrypt', { KeyId: data, Plaintext });
    const bytes = Buffer.from(CiphertextBlob, 'base64');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => call('Decrypt', { CiphertextBlob: changed.toString('base64') })).toThrow(
        'InvalidCiphertextException',
      );
    }
    expect(() => call('Decrypt', { CiphertextBlob: 'AAAA' })).toThrow('InvalidCiphertextException');
  });

  it('tell that another key was named', () => {
    const { call, data, other } = open();
    const { CiphertextBlob } = call('Encrypt', { KeyId: data, Plaintext });
    expect(() => call('Decrypt', { KeyId: other, CiphertextBlob })).toThrow('IncorrectKeyException');
  });

  it('refuse more than 4,096 bytes', () => {
    const { call, data } = open();
    const large = Buffer.alloc(4097).toString('base64');
    expect(() => call('Encrypt', { KeyId: data, Plaintext: large })).toThrow('ValidationException');
  });

  it('ReEncrypt moves a secret to another key and context', () => {
    const { call, data, other } = open();
    const { CiphertextBlob } = call('Encrypt', { KeyId: data, Plaintext, EncryptionContext: otp });
    const moved = call('ReEncrypt', {
      CiphertextBlob,
      SourceEncryptionContext: otp,
      DestinationKeyId: other,
      DestinationEncryptionContext: { purpose: 'mfa' },
    });
    const opened = { KeyId: other, CiphertextBlob: moved.CiphertextBlob, EncryptionContext: { purpose: 'mfa' } };
    expect(call('Decrypt', opened).Plaintext).toBe(Plaintext);
  });
});

describe('Sign', () => {
  const message = Buffer.from('header.payload');
  const SigningAlgorithm = 'ECDSA_SHA_256';

  it.each([
    ['RAW', message],
    ['DIGEST', createHash('sha256').update(message).digest()],
  ])('signs a message of type %s so that the public key verifies it', (MessageType, sent) => {
    const { call, signing } = open();
    const Message = sent.toString('base64');
    const { Signature = '' } = call('Sign', { KeyId: signing, Message, MessageType, SigningAlgorithm });
    const { PublicKey = '' } = call('GetPublicKey', { KeyId: 'alias/signing' });
    const publicKey = createPublicKey({ key: Buffer.from(PublicKey, 'base64'), type: 'spki', format: 'der' });
    const signature = Buffer.from(Signature, 'base64');
    expect(verify('sha256', message, publicKey, signature)).toBe(true);
    expect(verify('sha256', Buffer.from('else'), publicKey, signature)).toBe(false);
  });

  it('Verify knows its own signatures from others', () => {
    const { call, signing } = open();
    const Message = message.toString('base64');
    const { Signature } = call('Sign', { KeyId: signing, Message, SigningAlgorithm });
    expect(call('Verify', { KeyId: signing, Message, Signature, SigningAlgorithm }).SignatureValid).toBe('true');
    const other = Buffer.from('else').toString('base64');
    expect(() => call('Verify', { KeyId: signing, Message: other, Signature, SigningAlgorithm })).toThrow(
      'KMSInvalidSignatureException',
    );
  });

  it('refuses a digest of another length, another algorithm, a key that encrypts', () => {
    const { call, signing, data } = open();
    const Message = message.toString('base64');
    expect(() => call('Sign', { KeyId: signing, Message, MessageType: 'DIGEST', SigningAlgorithm })).toThrow(
      'ValidationException',
    );
    expect(() => call('Sign', { KeyId: signing, Message, SigningAlgorithm: 'ECDSA_SHA_384' })).toThrow(
      'ValidationException',
    );
    expect(() => call('Sign', { KeyId: data, Message, SigningAlgorithm })).toThrow('InvalidKeyUsageException');
    expect(() => call('Encrypt', { KeyId: signing, Plaintext: Message })).toThrow('InvalidKeyUsageException');
  });
});

describe('keys', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  it('are found by id, ARN, alias and the alias’s ARN', () => {
    const { kms, keys } = open();
    const { id = '', arn = '' } = keys[0] ?? {};
    for (const KeyId of [id, arn, 'alias/data', 'arn:aws:kms:us-east-1:000000000000:alias/data']) {
      expect(kms.handle('DescribeKey', { KeyId }).body).toMatchObject({ KeyMetadata: { Arn: arn, KeyId: id } });
    }
  });

  it('answer as KMS does when they are not there or disabled', () => {
    const { kms, data } = open();
    expect(kms.handle('DescribeKey', { KeyId: 'gone' })).toEqual({
      status: 400,
      body: { __type: 'NotFoundException', message: "Key 'gone' does not exist" },
    });
    kms.handle('DisableKey', { KeyId: data });
    expect(kms.handle('GenerateDataKey', { KeyId: data, KeySpec: 'AES_256' })).toMatchObject({
      status: 400,
      body: { __type: 'DisabledException' },
    });
    expect(kms.handle('DescribeKey', { KeyId: data }).body).toMatchObject({
      KeyMetadata: { KeyState: 'Disabled', Enabled: false },
    });
    kms.handle('EnableKey', { KeyId: data });
    expect(kms.handle('GenerateDataKey', { KeyId: data, KeySpec: 'AES_256' }).status).toBe(200);
  });

  it('refuse an action that this KMS does not have', () => {
    expect(open().kms.handle('ScheduleKeyDeletion', {})).toMatchObject({
      status: 400,
      body: { __type: 'UnknownOperationException' },
    });
  });

  it('are those of the template, with their aliases', () => {
    expect(keyDefinitions(readTemplate(sampleTemplate(), 'sample'))).toEqual([
      { logicalId: 'DataKey', spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT', aliases: ['alias/sample/data'] },
      { logicalId: 'SigningKey', spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY', aliases: [] },
    ]);
  });

  it('last from start to start in a file that only its owner reads', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kms-'));
    folders.push(folder);
    const file = join(folder, 'kms.json');
    const before = openKms(loadKeys(definitions, file));
    const sealed = before.handle('Encrypt', { KeyId: 'alias/data', Plaintext: 'aGVsbG8=' }).body;
    const after = openKms(loadKeys(definitions, file));
    const CiphertextBlob = isRecord(sealed) ? sealed.CiphertextBlob : undefined;
    expect(after.handle('Decrypt', { CiphertextBlob }).body).toMatchObject({ Plaintext: 'aGVsbG8=' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
