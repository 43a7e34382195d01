import { createECDH, type KeyObject, randomBytes } from 'node:crypto';

/** Order of the group of P-256 (FIPS 186-5, SP 800-186 §3.2.1.3). */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * Signs a SHA-256 digest with a P-256 key, DER encoded (FIPS 186-5 §6.4.1). Node's own `sign` hashes what it is given, and KMS
 * takes digests that were made elsewhere. Not constant in time: it is for keys of this machine.
 */
export function signDigest(digest: Buffer, key: KeyObject): Buffer {
  const { d } = key.export({ format: 'jwk' });
  if (d === undefined) throw new Error('not a private key');
  const secret = toInteger(Buffer.from(d, 'base64url'));
  const z = toInteger(digest);
  for (;;) {
    const nonce = (toInteger(randomBytes(48)) % (order - 1n)) + 1n;
    const r = toInteger(pointOf(nonce).subarray(1, 33)) % order;
    const s = (inverse(nonce) * ((z + r * secret) % order)) % order;
    if (r !== 0n && s !== 0n) return sequence(integer(r), integer(s));
  }
}

function pointOf(scalar: bigint): Buffer {
  const exchange = createECDH('prime256v1');
  exchange.setPrivateKey(Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex'));
  return exchange.getPublicKey();
}

// Fermat: the order is prime.
function inverse(value: bigint): bigint {
  let result = 1n;
  let base = value;
  for (let exponent = order - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % order;
    base = (base * base) % order;
  }
  return result;
}

function toInteger(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  // DER integers are signed: a first bit of 1 needs a zero byte before it.
  const positive = (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  return Buffer.concat([Buffer.of(0x02, positive.length), positive]);
}

function sequence(...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}
