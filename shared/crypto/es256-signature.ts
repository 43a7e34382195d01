/**
 * The signature of KMS (DER: a SEQUENCE of two INTEGERs) in the form of a JWS: r and s as 32 bytes each (RFC 7518
 * §3.4). An INTEGER loses its leading zeros and gains one where its first bit is set, so each may be 1 to 33 bytes long.
 */
export function joseSignature(der: Uint8Array): Uint8Array {
  const r = integerAt(der, 2);
  const s = integerAt(der, r.end);
  if (der[0] !== sequenceTag || der[1] !== der.length - 2 || s.end !== der.length) throw malformed();
  const signature = new Uint8Array(64);
  signature.set(r.magnitude, 32 - r.magnitude.length);
  signature.set(s.magnitude, 64 - s.magnitude.length);
  return signature;
}

const sequenceTag = 0x30;
const integerTag = 0x02;

function integerAt(der: Uint8Array, at: number): { magnitude: Uint8Array; end: number } {
  const length = der[at + 1];
  if (der[at] !== integerTag || length === undefined || length === 0) throw malformed();
  const start = at + 2;
  const end = start + length;
  const magnitude = der.subarray(der[start] === 0 ? start + 1 : start, end);
  if (magnitude.length > 32) throw malformed();
  return { magnitude, end };
}

function malformed(): Error {
  return new Error('not a DER signature of P-256');
}
