import { describe, expect, inject, it } from 'vitest';
import { connect } from '../../infra/local/testing.ts';
import packageFile from '../../package.json' with { type: 'json' };

const product = connect(inject('standard'));

describe('GET /', () => {
  it('tells what this is, of the version of the package', async () => {
    const { status, headers, body } = await product.newClient().get('/');
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' });
    expect(headers['x-request-id']).toBeTruthy();
    expect(body).toEqual({
      name: packageFile.name,
      version: packageFile.version,
      status: 'running',
      features: expect.arrayContaining(['totp', 'hotp', 'mfa', 'api_keys', 'registration']),
      docs: '/docs',
    });
  });

  it('asks neither table nor KMS, and reads no credential', async () => {
    const { status, requestId } = await product.newClient().get('/', { token: 'nothing' });
    expect(status).toBe(200);
    expect(await product.calls(requestId)).toMatchObject({ dynamodb: 0, kms: 0 });
  });

  it('is at the console’s origin below /api', async () => {
    const client = product.newClient(undefined, product.info.console);
    for (const path of ['/api', '/api/']) expect((await client.get(path)).body.name).toBe(packageFile.name);
  });
});

describe('GET / where registration is closed', () => {
  it('does not offer it', async () => {
    const before = { ...process.env };
    Object.assign(process.env, { TABLE_NAME: 'none', EDGE_KEY: '0'.repeat(16), REGISTRATION: 'closed' });
    const { handler } = await import('./describe-service.ts');
    process.env = before;
    const requestContext = { requestId: 'r', timeEpoch: Date.now(), http: { sourceIp: '127.0.0.1', userAgent: '' } };
    // The rest of an event and of a context is never looked at.
    const answer = await Reflect.apply(handler, undefined, [{ headers: {}, requestContext }, {}]);
    expect(JSON.parse(answer.body).features).not.toContain('registration');
  });
});
