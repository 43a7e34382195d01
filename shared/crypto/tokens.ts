import { createHash, createPublicKey, hash, type KeyObject } from 'node:crypto';
import { GetPublicKeyCommand, SignCommand } from '@aws-sdk/client-kms';
import { JOSEError } from 'jose/errors';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import { jwtVerify } from 'jose/jwt/verify';
import { keys, session } from '../domain/policy.ts';
import { joseSignature } from './es256-signature.ts';
import { holdValue } from './held-value.ts';
import type { Kms } from './kms-client.ts';
import { SigningUnavailable } from './kms-unavailable.ts';

/** What a token says of itself; times in seconds. */
export interface TokenClaims {
  /** The user id. */
  readonly sub: string;
  /** The session id in the clear: the table knows its hash. */
  readonly sid: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
}

/** Signs tokens; `SigningUnavailable` when KMS does not. */
export interface TokenSigner {
  signAccess(claims: TokenClaims): Promise<string>;
  signRefresh(claims: TokenClaims): Promise<string>;
}

/** Verifies tokens at the instant `nowMs`; `TokenRefused` when it is not one of ours, of this kind, and in its time. */
export interface TokenVerifier {
  verifyAccess(token: string, nowMs: number): Promise<TokenClaims>;
  verifyRefresh(token: string, nowMs: number): Promise<TokenClaims>;
}

/** The public half of a signing key as it stands in the table. */
export interface PublicSigningKey {
  readonly kid: string;
  /** SubjectPublicKeyInfo, DER, as KMS answers it. */
  readonly public_key: Uint8Array;
}

/** Why a token was refused: for the log, never for the caller. */
export type RefusalReason = 'form' | 'header' | 'unknown_key' | 'signature' | 'claims' | 'expired' | 'not_yet_issued';

/** The token gives no access. It carries neither the token nor its claims, so that logging it tells no session id. */
export class TokenRefused extends Error {
  override name = 'TokenRefused';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason) {
    super(`token refused: ${reason}`);
    this.reason = reason;
  }
}

// RFC 8725 §3.11, §3.12: two kinds of token differ in type and audience, so that neither stands in for the other.
const access = { typ: 'at+jwt', aud: 'otp-api' } as const;
const refresh = { typ: 'rt+jwt', aud: 'otp-refresh' } as const;
type Kind = typeof access | typeof refresh;

const alg = 'ES256';
const held = { maxAgeMs: keys.heldSeconds * 1000, reloadMs: keys.reloadSeconds * 1000 };

/** Signs by a KMS key that never leaves KMS. The public half is asked for once, since `kid` is its thumbprint. */
export function createTokenSigner({ kms, keyId, issuer }: { kms: Kms; keyId: string; issuer: string }): TokenSigner {
  const signingKey = holdValue(() => fetchSigningKey({ kms, keyId }), { maxAgeMs: Number.POSITIVE_INFINITY });

  async function sign({ typ, aud }: Kind, { sub, sid, jti, iat, exp }: TokenClaims): Promise<string> {
    const { kid, keyArn } = await signingKey.get(0);
    const input = `${encodePart({ alg, typ, kid })}.${encodePart({ iss: issuer, aud, sub, sid, jti, iat, exp })}`;
    const command = new SignCommand({
      KeyId: keyArn,
      Message: createHash('sha256').update(input).digest(),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    try {
      const { Signature: signature } = await kms.send(command);
      if (signature === undefined) throw new Error('KMS answered without a signature');
      return `${input}.${Buffer.from(joseSignature(signature)).toString('base64url')}`;
    } catch (cause) {
      throw new SigningUnavailable('no token can be signed', { cause });
    }
  }

  return {
    signAccess: (claims) => sign(access, claims),
    signRefresh: (claims) => sign(refresh, claims),
  };
}

/** The public half of the key that signs, to be published, and the name by which exactly this key signs. */
export async function fetchSigningKey({
  kms,
  keyId,
}: {
  kms: Kms;
  keyId: string;
}): Promise<PublicSigningKey & { keyArn: string }> {
  try {
    const { PublicKey: spki, KeyId: keyArn } = await kms.send(new GetPublicKeyCommand({ KeyId: keyId }));
    if (spki === undefined || keyArn === undefined) throw new Error('KMS answered without a public key');
    return { kid: await kidOf(spki), public_key: spki, keyArn };
  } catch (cause) {
    throw new SigningUnavailable('the public half of the signing key cannot be had', { cause });
  }
}

/** The public keys, and what they have verified: both are loaded, and forgotten, together. */
interface KeySet {
  readonly keys: ReadonlyMap<string, KeyObject>;
  /** Claims by the digest of their token. */
  readonly verified: Map<string, TokenClaims>;
}

/**
 * Verifies by public keys from the table, held for `keys.heldSeconds`; KMS is not needed. An unknown `kid`
 * loads them anew, at most once per `keys.reloadSeconds`. What `loadKeys` throws is passed on: it is no refusal.
 * The signature of a token is verified once for as long as the keys are held, its time at each use.
 */
export function createTokenVerifier({
  issuer,
  loadKeys,
}: {
  issuer: string;
  loadKeys: () => Promise<readonly PublicSigningKey[]>;
}): TokenVerifier {
  const keySet = holdValue(async (): Promise<KeySet> => {
    const loaded = (await loadKeys()).map(({ kid, public_key }) => [kid, importKey(public_key)] as const);
    return { keys: new Map(loaded), verified: new Map() };
  }, held);

  async function namedKey(kid: string, nowMs: number): Promise<KeyObject> {
    const key = (await keySet.get(nowMs)).keys.get(kid) ?? (await keySet.reload(nowMs)).keys.get(kid);
    if (key === undefined) throw new TokenRefused('unknown_key');
    return key;
  }

  async function verify(kind: Kind, token: string, nowMs: number): Promise<TokenClaims> {
    if (token.length > session.tokenBytes || !compactEs256.test(token)) throw new TokenRefused('form');
    const { verified } = await keySet.get(nowMs);
    const digest = hash('sha256', `${kind.typ} ${token}`, 'base64url');
    const claims = verified.get(digest) ?? (await verifySignature(kind, token, nowMs));
    refuseOutOfTime(claims, nowMs);
    remember(verified, digest, claims);
    return claims;
  }

  async function verifySignature(kind: Kind, token: string, nowMs: number): Promise<TokenClaims> {
    try {
      const { payload } = await jwtVerify(token, (header) => namedKey(kidIn(header, kind), nowMs), {
        algorithms: [alg],
        issuer,
        audience: kind.aud,
        currentDate: new Date(nowMs),
      });
      return claimsIn(payload);
    } catch (error) {
      // jose's errors hold the claims, so they are not kept as a cause.
      if (error instanceof JOSEError) throw new TokenRefused(reasons[error.code] ?? 'header');
      throw error;
    }
  }

  return {
    verifyAccess: (token, nowMs) => verify(access, token, nowMs),
    verifyRefresh: (token, nowMs) => verify(refresh, token, nowMs),
  };
}

/** The key's name: its thumbprint (RFC 7638), so that no two keys share one. */
export async function kidOf(publicKey: Uint8Array): Promise<string> {
  return calculateJwkThumbprint(importKey(publicKey), 'sha256');
}

/** The body of `/.well-known/jwks.json` (RFC 7517 §5). */
export function toJwks(publicKeys: readonly PublicSigningKey[]): { keys: PublicJwk[] } {
  return {
    keys: publicKeys.map(({ kid, public_key }) => {
      const { x, y } = importKey(public_key).export({ format: 'jwk' });
      if (x === undefined || y === undefined) throw new Error('a signing key has no coordinates');
      return { kty: 'EC', crv: 'P-256', x, y, kid, use: 'sig', alg };
    }),
  };
}

/** A public key of P-256 for signatures (RFC 7517, RFC 7518 §6.2). */
export interface PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: typeof alg;
}

// Three parts of base64url, the last of 64 bytes. Its last character carries two bits only: decoders ignore the other
// four, and white space too, so that many strings would be the same token.
const compactEs256 = /^[\w-]+\.[\w-]+\.[\w-]{85}[AQgw]$/;

const reasons: Record<string, RefusalReason> = {
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
  ERR_JWT_CLAIM_VALIDATION_FAILED: 'claims',
  ERR_JWT_INVALID: 'claims',
  ERR_JWT_EXPIRED: 'expired',
};

function importKey(spki: Uint8Array): KeyObject {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('a signing key is not on P-256');
  return key;
}

// A list of what may be there refuses `jwk`, `jku`, `x5u`, `x5c`, `crit`, `b64` and all that is still to be invented.
const headerNames = new Set(['alg', 'typ', 'kid']);

function kidIn(header: object & { typ?: unknown; kid?: unknown }, { typ }: Kind): string {
  const known = Object.keys(header).every((name) => headerNames.has(name));
  if (!known || header.typ !== typ || typeof header.kid !== 'string') throw new TokenRefused('header');
  return header.kid;
}

// jose has compared `iss` and `aud`, but would take several audiences, and no `exp` at all.
function claimsIn(payload: Record<string, unknown>): TokenClaims {
  const { aud, sub, sid, jti, iat, exp } = payload;
  if (typeof aud !== 'string' || !isId(sub) || !isId(sid) || !isId(jti) || !isTime(iat) || !isTime(exp)) {
    throw new TokenRefused('claims');
  }
  return { sub, sid, jti, iat, exp };
}

// jose has looked at `exp` once, when it verified the signature.
function refuseOutOfTime({ iat, exp }: TokenClaims, nowMs: number): void {
  if (exp <= Math.floor(nowMs / 1000)) throw new TokenRefused('expired');
  if (iat > nowMs / 1000 + session.clockSkewSeconds) throw new TokenRefused('not_yet_issued');
}

// The token that was used longest ago makes room.
function remember(verified: Map<string, TokenClaims>, digest: string, claims: TokenClaims): void {
  verified.delete(digest);
  verified.set(digest, claims);
  for (const oldest of verified.keys()) {
    if (verified.size <= keys.verifiedTokens) return;
    verified.delete(oldest);
  }
}

// Ids become parts of keys: no `#`, nothing empty.
function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{1,128}$/.test(value);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function encodePart(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
