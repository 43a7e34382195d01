import { createHash, createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bundleOptions, root } from '../../infra/build.ts';
import { keys } from '../domain/policy.ts';
import { KmsUnavailable, SigningUnavailable } from './kms-unavailable.ts';
import { type KmsEndpoint, startKmsEndpoint } from './testing/kms-endpoint.ts';
import {
  createTokenSigner,
  createTokenVerifier,
  fetchSigningKey,
  kidOf,
  type PublicSigningKey,
  type RefusalReason,
  type TokenClaims,
  TokenRefused,
  type TokenSigner,
  type TokenVerifier,
  toJwks,
} from './tokens.ts';

const issuer = 'https://otp.example';
const issuedAt = 1_767_225_600;
const nowMs = issuedAt * 1000 + 500;
const claims: TokenClaims = {
  sub: 'abcdefghijklmnopqrstuvwxyz',
  sid: 'c2Vzc2lvbi1pZC1vZi0xMjgtYml0',
  jti: 'dG9rZW4taWQtb2YtMTI4LWJpdA',
  iat: issuedAt,
  exp: issuedAt + 1800,
};

let kms: KmsEndpoint;
let privateKey: KeyObject;
let signingKey: PublicSigningKey;
let signer: TokenSigner;
let verifier: TokenVerifier;
let published: PublicSigningKey[];
let loads: number;
let tableFault: Error | undefined;

beforeAll(async () => {
  kms = await startKmsEndpoint();
  const { material } = kms.signingKey;
  if (material.kind !== 'signing') throw new Error('not a signing key');
  privateKey = material.key;
  signingKey = await fetchSigningKey({ kms: kms.client, keyId: kms.signingKey.id });
  signer = createTokenSigner({ kms: kms.client, keyId: kms.signingKey.id, issuer });
});

afterAll(() => kms.close());

beforeEach(() => {
  published = [signingKey];
  loads = 0;
  tableFault = undefined;
  verifier = newVerifier();
});

afterEach(() => {
  kms.fault = undefined;
});

function newVerifier(): TokenVerifier {
  return createTokenVerifier({
    issuer,
    async loadKeys() {
      loads += 1;
      if (tableFault !== undefined) throw tableFault;
      return [...published];
    },
  });
}

function encode(part: unknown): string {
  const bytes = part instanceof Uint8Array ? part : Buffer.from(typeof part === 'string' ? part : JSON.stringify(part));
  return Buffer.from(bytes).toString('base64url');
}

function decode(token: string, part: 0 | 1): unknown {
  return JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString());
}

const header = () => ({ alg: 'ES256', typ: 'at+jwt', kid: signingKey.kid });
const payload = { iss: issuer, aud: 'otp-api', ...claims };

/** A token signed by the true key, so that only what `head` and `body` say can be the reason of a refusal. */
function forge(head: unknown, body: unknown, key = privateKey): string {
  const input = `${encode(head)}.${encode(body)}`;
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

async function expectRefusal(verifying: Promise<TokenClaims>, reason: RefusalReason): Promise<void> {
  const refusal = await verifying.then(
    () => 'accepted',
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(TokenRefused);
  expect(refusal).toMatchObject({ reason });
}

describe('a signed token', () => {
  test('is verified to its claims', async () => {
    expect(await verifier.verifyAccess(await signer.signAccess(claims), nowMs)).toEqual(claims);
    expect(await verifier.verifyRefresh(await signer.signRefresh(claims), nowMs)).toEqual(claims);
  });

  test('has the header and the claims of its kind and nothing else', async () => {
    const access = await signer.signAccess(claims);
    expect(decode(access, 0)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: signingKey.kid });
    expect(decode(access, 1)).toEqual({ iss: issuer, aud: 'otp-api', ...claims });
    const refresh = await signer.signRefresh(claims);
    expect(decode(refresh, 0)).toEqual({ alg: 'ES256', typ: 'rt+jwt', kid: signingKey.kid });
    expect(decode(refresh, 1)).toEqual({ iss: issuer, aud: 'otp-refresh', ...claims });
  });

  test('of one kind does not stand in for the other', async () => {
    await expectRefusal(verifier.verifyRefresh(await signer.signAccess(claims), nowMs), 'header');
    await expectRefusal(verifier.verifyAccess(await signer.signRefresh(claims), nowMs), 'header');
  });

  test('costs KMS one call, and the public half once more for the first', async () => {
    const fresh = createTokenSigner({ kms: kms.client, keyId: kms.signingKey.id, issuer });
    const before = kms.calls.length;
    await Promise.all([fresh.signAccess(claims), fresh.signRefresh(claims)]);
    await fresh.signAccess(claims);
    const calls = kms.calls.slice(before);
    expect(calls.map(({ action }) => action).toSorted()).toEqual(['GetPublicKey', 'Sign', 'Sign', 'Sign']);
    // By the name that GetPublicKey answered: an alias that moved meanwhile would sign under the wrong kid.
    expect(new Set(calls.filter(({ action }) => action === 'Sign').map(({ keyId }) => keyId))).toEqual(
      new Set([kms.signingKey.arn]),
    );
  });

  test('is verified without KMS', async () => {
    const token = await signer.signAccess(claims);
    const before = kms.calls.length;
    kms.fault = 'DisabledException';
    expect(await newVerifier().verifyAccess(token, nowMs)).toEqual(claims);
    expect(kms.calls.length).toBe(before);
  });
});

describe('while KMS fails', () => {
  test.each(['DisabledException', 'AccessDeniedException', 'empty'] as const)(
    'by %s signing is refused with SigningUnavailable, and heals',
    async (fault) => {
      const cold = createTokenSigner({ kms: kms.client, keyId: kms.signingKey.id, issuer });
      kms.fault = fault;
      for (const failing of [cold, signer]) {
        const refusal = await failing.signAccess(claims).catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(SigningUnavailable);
        expect(refusal).toBeInstanceOf(KmsUnavailable);
      }
      kms.fault = undefined;
      expect(await verifier.verifyAccess(await cold.signAccess(claims), nowMs)).toEqual(claims);
    },
  );
});

describe('the form of a token (RFC 7515 §3.1)', () => {
  test.each<[string, (token: string) => string]>([
    ['an empty text', () => ''],
    ['two parts', (token) => token.slice(0, token.lastIndexOf('.'))],
    ['four parts', (token) => `${token}.AAAA`],
    ['no signature', (token) => token.slice(0, token.lastIndexOf('.') + 1)],
    ['a signature of 63 bytes', (token) => token.slice(0, -2)],
    ['a signature of 66 bytes', (token) => `${token}AA`],
    ['padding', (token) => `${token}==`],
    ['a line feed at the end', (token) => `${token}\n`],
    ['a space in the payload', (token) => token.replace('.', '. ')],
    ['a character of plain base64', (token) => `+${token.slice(1)}`],
    ['an API key', () => `otpk_${'a'.repeat(95)}`],
  ])('refuses %s', async (_what, change) => {
    await expectRefusal(verifier.verifyAccess(change(await signer.signAccess(claims)), nowMs), 'form');
    expect(loads).toBe(0);
  });

  test('refuses more than 4 kB before it is parsed, though it is rightly signed', async () => {
    const fits = forge(header(), { ...payload, note: 'x'.repeat(2500) });
    expect(fits.length).toBeLessThanOrEqual(4096);
    expect(await verifier.verifyAccess(fits, nowMs)).toEqual(claims);
    await expectRefusal(verifier.verifyAccess(forge(header(), { ...payload, note: 'x'.repeat(3000) }), nowMs), 'form');
  });

  test('refuses the other strings that decode to the same signature', async () => {
    const token = await signer.signAccess(claims);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(token.slice(-1));
    expect(last % 16).toBe(0);
    for (let unused = 1; unused < 16; unused += 1) {
      const twin = token.slice(0, -1) + alphabet.charAt(last + unused);
      await expectRefusal(verifier.verifyAccess(twin, nowMs), 'form');
    }
  });
});

describe('the signature (RFC 8725 §3.1)', () => {
  test('does not hold for any changed character of header, payload or signature', async () => {
    const token = await signer.signAccess(claims);
    for (let at = 0; at < token.length; at += 7) {
      if (token.charAt(at) === '.') continue;
      const changed = token.slice(0, at) + (token.charAt(at) === 'A' ? 'Q' : 'A') + token.slice(at + 1);
      await expect(verifier.verifyAccess(changed, nowMs)).rejects.toThrow(TokenRefused);
    }
  });

  test.each([
    ['zeros', Buffer.alloc(64)],
    ['r = s = 1', Buffer.alloc(64).fill(1, 31, 32).fill(1, 63)],
    ['ones', Buffer.alloc(64, 255)],
  ])('is not %s', async (_what, signature) => {
    const input = `${encode(header())}.${encode(payload)}`;
    await expectRefusal(verifier.verifyAccess(`${input}.${signature.toString('base64url')}`, nowMs), 'signature');
  });

  test('of another key does not hold under the name of ours', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    await expectRefusal(verifier.verifyAccess(forge(header(), payload, other), nowMs), 'signature');
  });

  test.each(['none', 'None', 'HS256', 'HS512', 'RS256', 'PS256', 'ES384', 'EdDSA', 'es256', '', 1, null])(
    'by the algorithm %j is refused',
    async (alg) => {
      await expectRefusal(verifier.verifyAccess(forge({ ...header(), alg }, payload), nowMs), 'header');
    },
  );

  test('by HMAC keyed with the public key is refused', async () => {
    const input = `${encode({ ...header(), alg: 'HS512' })}.${encode(payload)}`;
    const spki = Buffer.from(signingKey.public_key);
    const pem = createPublicKey({ key: spki, format: 'der', type: 'spki' }).export({ format: 'pem', type: 'spki' });
    for (const key of [spki, pem]) {
      const mac = createHmac('sha512', key).update(input).digest('base64url');
      await expectRefusal(verifier.verifyAccess(`${input}.${mac}`, nowMs), 'header');
    }
  });

  test('alg none without a signature is refused', async () => {
    const input = `${encode({ ...header(), alg: 'none' })}.${encode(payload)}`;
    await expectRefusal(verifier.verifyAccess(`${input}.`, nowMs), 'form');
  });
});

describe('the header (RFC 8725 §3.10)', () => {
  test.each<[string, Record<string, unknown>]>([
    ['jwk', { jwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } }],
    ['jku', { jku: 'https://evil.example/keys' }],
    ['x5u', { x5u: 'https://evil.example/cert' }],
    ['x5c', { x5c: ['AAAA'] }],
    ['x5t', { x5t: 'AAAA' }],
    ['crit', { crit: ['exp'], exp: 1 }],
    ['crit with b64', { crit: ['b64'], b64: false }],
    ['b64', { b64: false }],
    ['b64 true', { crit: ['b64'], b64: true }],
    ['zip', { zip: 'DEF' }],
    ['cty', { cty: 'JWT' }],
    ['__proto__', JSON.parse('{"__proto__":{"kid":"x"}}')],
    ['anything else', { anything: true }],
    ['the plain type JWT', { typ: 'JWT' }],
    ['a longer form of the type', { typ: 'application/at+jwt' }],
    ['another case of the type', { typ: 'AT+JWT' }],
    ['no type', { typ: undefined }],
    ['a type that is no text', { typ: ['at+jwt'] }],
    ['no kid', { kid: undefined }],
    ['a kid that is no text', { kid: 1 }],
  ])('with %s is refused', async (_what, more) => {
    const head = Object.create(Object.prototype, {
      ...Object.getOwnPropertyDescriptors(header()),
      ...Object.getOwnPropertyDescriptors(more),
    });
    await expectRefusal(verifier.verifyAccess(forge(head, payload), nowMs), 'header');
  });

  test.each([
    ['no JSON', 'x'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"ES256"'],
    ['invalid UTF-8', Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":"\xff"}', 'latin1')],
  ])('that is %s is refused', async (_what, text) => {
    await expectRefusal(verifier.verifyAccess(forge(text, payload), nowMs), 'header');
  });

  test('with a kid from outside the table is refused', async () => {
    for (const kid of ['', 'unknown', '__proto__', 'constructor', '../../key', `${signingKey.kid} `]) {
      await expectRefusal(verifier.verifyAccess(forge({ ...header(), kid }, payload), nowMs), 'unknown_key');
    }
  });
});

describe('the claims (RFC 8725 §3.8, §3.9)', () => {
  test.each(['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp'])('without %s are refused', async (name) => {
    const { [name]: _left, ...others }: Record<string, unknown> = payload;
    await expectRefusal(verifier.verifyAccess(forge(header(), others), nowMs), 'claims');
  });

  test.each<[string, unknown]>([
    ['iss', 'https://evil.example'],
    ['iss', `${issuer}/`],
    ['iss', [issuer]],
    ['aud', 'otp-refresh'],
    ['aud', ['otp-api']],
    ['aud', ['otp-api', 'otp-refresh']],
    ['aud', 1],
    ['sub', 1],
    ['sub', ''],
    ['sub', 'a#b'],
    ['sub', 'a'.repeat(129)],
    ['sub', null],
    ['sid', ''],
    ['sid', {}],
    ['sid', 'a b'],
    ['jti', false],
    ['jti', 'a\u0000'],
    ['iat', `${issuedAt}`],
    ['iat', -1],
    ['iat', issuedAt + 0.5],
    ['iat', null],
    ['exp', `${issuedAt + 1800}`],
    ['exp', 1e300],
    ['exp', null],
    ['exp', issuedAt + 1800.5],
    ['nbf', issuedAt + 60],
    ['nbf', 'now'],
  ])('with %s as %j are refused', async (name, value) => {
    await expectRefusal(verifier.verifyAccess(forge(header(), { ...payload, [name]: value }), nowMs), 'claims');
  });

  test.each(['x', '[]', 'null', '"text"', '1'])('that are %s are refused', async (text) => {
    await expectRefusal(verifier.verifyAccess(forge(header(), text), nowMs), 'claims');
  });

  test('of a refresh token under the type of an access token are refused', async () => {
    await expectRefusal(verifier.verifyAccess(forge(header(), { ...payload, aud: 'otp-refresh' }), nowMs), 'claims');
  });
});

describe('the time', () => {
  test('ends at exp, to the second', async () => {
    const token = await signer.signAccess(claims);
    expect(await verifier.verifyAccess(token, claims.exp * 1000 - 1)).toEqual(claims);
    await expectRefusal(verifier.verifyAccess(token, claims.exp * 1000), 'expired');
  });

  test('begins at iat, less five seconds for clocks that differ', async () => {
    const token = await signer.signAccess(claims);
    expect(await verifier.verifyAccess(token, (issuedAt - 5) * 1000)).toEqual(claims);
    await expectRefusal(verifier.verifyAccess(token, (issuedAt - 5) * 1000 - 1), 'not_yet_issued');
  });

  test("is the request's, not the machine's", async () => {
    const past = { ...claims, iat: 1000, exp: 2800 };
    const token = await signer.signAccess(past);
    expect(await verifier.verifyAccess(token, 1_500_000)).toEqual(past);
  });
});

describe('a token that comes again', () => {
  test('is verified without its signature, and ends at exp all the same', async () => {
    const token = await signer.signAccess(claims);
    const first = await verifier.verifyAccess(token, nowMs);
    expect(await verifier.verifyAccess(token, nowMs + 1000)).toBe(first);
    await expectRefusal(verifier.verifyAccess(token, claims.exp * 1000), 'expired');
    await expectRefusal(verifier.verifyAccess(token, nowMs - 6000), 'not_yet_issued');
  });

  test('stands in for no token of another kind', async () => {
    const token = await signer.signRefresh(claims);
    await verifier.verifyRefresh(token, nowMs);
    await expectRefusal(verifier.verifyAccess(token, nowMs), 'header');
  });

  test('with another signature is verified anew', async () => {
    const token = await signer.signAccess(claims);
    await verifier.verifyAccess(token, nowMs);
    const [head, payload, signature = ''] = token.split('.');
    const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    await expectRefusal(verifier.verifyAccess(`${head}.${payload}.${flipped}`, nowMs), 'signature');
  });

  test('is forgotten with the keys that verified it', async () => {
    const token = await signer.signAccess({ ...claims, exp: claims.exp + 3600 });
    await verifier.verifyAccess(token, nowMs);
    published = [];
    await expectRefusal(verifier.verifyAccess(token, nowMs + 15 * 60_000), 'unknown_key');
  });

  test('is one of a thousand at most that are remembered', async () => {
    const numbers = Array.from({ length: keys.verifiedTokens + 1 }, (_, at) => at);
    const tokens = numbers.map((at) => forge(header(), { ...payload, jti: `token-${at}` }));
    const verified = [];
    for (const token of tokens) verified.push(await verifier.verifyAccess(token, nowMs));
    const again = (at: number) => verifier.verifyAccess(tokens.at(at) ?? '', nowMs);
    expect(await again(-1)).toBe(verified.at(-1));
    expect(await again(1)).toBe(verified[1]);
    expect(await again(0)).not.toBe(verified[0]);
  });
});

describe('the public keys', () => {
  test('are loaded once for fifty requests, and again after 15 minutes', async () => {
    const token = await signer.signRefresh({ ...claims, exp: issuedAt + 7 * 86_400 });
    await Promise.all(Array.from({ length: 50 }, () => verifier.verifyRefresh(token, nowMs)));
    await verifier.verifyRefresh(token, nowMs + 15 * 60_000 - 1);
    expect(loads).toBe(1);
    await verifier.verifyRefresh(token, nowMs + 15 * 60_000);
    expect(loads).toBe(2);
  });

  test('are loaded at most once in 5 s for names that nobody has', async () => {
    const unknown = forge({ ...header(), kid: 'unknown' }, payload);
    await Promise.all(
      Array.from({ length: 20 }, () => expectRefusal(verifier.verifyAccess(unknown, nowMs), 'unknown_key')),
    );
    await expectRefusal(verifier.verifyAccess(unknown, nowMs + 4999), 'unknown_key');
    expect(loads).toBe(2);
    await expectRefusal(verifier.verifyAccess(unknown, nowMs + 5000), 'unknown_key');
    expect(loads).toBe(3);
  });

  test('are loaded again for a key that was published since, and the old one goes on', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    const next = { kid: await kidOf(spki), public_key: spki };
    const old = await signer.signAccess(claims);
    await verifier.verifyAccess(old, nowMs);
    published = [signingKey, next];
    const token = forge({ ...header(), kid: next.kid }, payload, privateKey);
    expect(await verifier.verifyAccess(token, nowMs)).toEqual(claims);
    expect(await verifier.verifyAccess(old, nowMs)).toEqual(claims);
    await expectRefusal(verifier.verifyAccess(forge({ ...header(), kid: next.kid }, payload), nowMs), 'signature');
  });

  test('that are withdrawn verify nothing once their time is up', async () => {
    const token = await signer.signAccess(claims);
    await verifier.verifyAccess(token, nowMs);
    published = [];
    await expectRefusal(verifier.verifyAccess(token, nowMs + 15 * 60_000), 'unknown_key');
  });

  test('that cannot be loaded are a fault and no refusal, which is forgotten', async () => {
    const token = await signer.signAccess(claims);
    tableFault = new Error('table is down');
    await expect(verifier.verifyAccess(token, nowMs)).rejects.toBe(tableFault);
    tableFault = undefined;
    expect(await verifier.verifyAccess(token, nowMs)).toEqual(claims);
    tableFault = new Error('table is down again');
    expect(await verifier.verifyAccess(token, nowMs + 1000)).toEqual(claims);
    const unknown = forge({ ...header(), kid: 'unknown' }, payload);
    await expect(verifier.verifyAccess(unknown, nowMs)).rejects.toBe(tableFault);
  });

  test('on another curve are a fault', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    published = [{ kid: signingKey.kid, public_key: publicKey.export({ format: 'der', type: 'spki' }) }];
    await expect(verifier.verifyAccess(await signer.signAccess(claims), nowMs)).rejects.toThrow('not on P-256');
  });
});

test('a refusal tells neither the token nor its claims', async () => {
  const token = forge(header(), { ...payload, exp: issuedAt });
  const refusal = await verifier.verifyAccess(token, nowMs).catch((error: unknown) => error);
  if (!(refusal instanceof TokenRefused)) throw new Error('not refused');
  const told = JSON.stringify(refusal, Object.getOwnPropertyNames(refusal));
  expect(refusal.cause).toBeUndefined();
  for (const secret of [token, claims.sid, claims.jti]) expect(told).not.toContain(secret);
});

test('kidOf is the thumbprint of RFC 7638 §3', async () => {
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
  const required = `{"crv":"P-256","kty":"EC","x":"${jwk.x}","y":"${jwk.y}"}`;
  expect(signingKey.kid).toBe(createHash('sha256').update(required).digest('base64url'));
});

test('fetchSigningKey names the key by which KMS signs', async () => {
  expect(await fetchSigningKey({ kms: kms.client, keyId: kms.signingKey.id })).toEqual({
    kid: signingKey.kid,
    public_key: signingKey.public_key,
    keyArn: kms.signingKey.arn,
  });
});

test('toJwks shows the public half and nothing else (RFC 7517 §5)', () => {
  const { kty, crv, x, y } = createPublicKey(privateKey).export({ format: 'jwk' });
  expect(toJwks([signingKey])).toEqual({ keys: [{ kty, crv, x, y, kid: signingKey.kid, use: 'sig', alg: 'ES256' }] });
});

test('a bundle that only verifies carries neither the KMS client nor more than 20 kB', async () => {
  const { outdir: _outdir, outExtension: _outExtension, ...options } = bundleOptions;
  const contents = "export { createTokenVerifier } from './shared/crypto/tokens.ts';";
  const { metafile } = await build({ ...options, stdin: { contents, resolveDir: root }, outfile: 'verifier.mjs' });
  const [bundle] = Object.values(metafile.outputs);
  const held = Object.entries(bundle?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  expect(held.map(([input]) => input)).toContain('shared/crypto/tokens.ts');
  expect(held.filter(([input]) => /@aws-sdk|@smithy/.test(input))).toEqual([]);
  expect(bundle?.bytes).toBeLessThan(20_000);
});
