import { createLocalJWKSet } from 'jose/jwks/local';
import { jwtVerify } from 'jose/jwt/verify';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type TestUser } from '../../infra/local/testing.ts';
import { readToken } from '../../infra/testing/forge-token.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));
let user: TestUser;

beforeAll(async () => {
  user = await seedUser(product);
});

describe('GET /.well-known/jwks.json', () => {
  it('answers public keys and nothing of a private one (RFC 7517 §5)', async () => {
    const { status, headers, body } = await product.newClient().get('/.well-known/jwks.json');
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(body).toEqual({
      keys: [
        {
          kty: 'EC',
          crv: 'P-256',
          x: expect.stringMatching(/^[\w-]{43}$/),
          y: expect.stringMatching(/^[\w-]{43}$/),
          kid: expect.stringMatching(/^[\w-]{43}$/),
          alg: 'ES256',
          use: 'sig',
        },
      ],
    });
  });

  it('verifies both tokens of a log-in, and no other', async () => {
    const { body } = await product.newClient().get('/.well-known/jwks.json/');
    const keys = createLocalJWKSet(body);
    for (const [token, typ, audience] of [
      [user.token, 'at+jwt', 'otp-api'],
      [user.refreshToken, 'rt+jwt', 'otp-refresh'],
    ] as const) {
      const { iss: issuer } = readToken(token).payload;
      const { payload } = await jwtVerify(token, keys, { algorithms: ['ES256'], typ, audience, issuer });
      expect(payload.sub).toBe(user.user.id);
    }
    const [header, , signature] = user.token.split('.');
    const [, otherPayload] = user.refreshToken.split('.');
    await expect(jwtVerify(`${header}.${otherPayload}.${signature}`, keys)).rejects.toThrow('signature');
  });

  it('reads once, and asks KMS nothing', async () => {
    const { requestId } = await product.newClient().get('/.well-known/jwks.json');
    const { calls } = await product.calls(requestId);
    expect(calls.map(({ operation }) => operation)).toEqual(['Query']);
  });

  it('is a 503 when the table does not answer (SECURITY 30)', async () => {
    const client = product.newClient();
    const fault = { service: 'dynamodb', source_ip: client.sourceIp, kind: 'error', times: 'forever' } as const;
    const { clear } = await product.fault({ ...fault, code: 'InternalServerError' });
    const failed = await client.get('/.well-known/jwks.json');
    await clear();
    expect([failed.status, failed.body.code]).toEqual([503, 'try_again']);
    expect(failed.headers['retry-after']).toBeDefined();
  });
});
