import { describe, expect, inject, it } from 'vitest';
import { connect } from '../../infra/local/testing.ts';

const product = connect(inject('generous'));

describe('GET /health', () => {
  it('says that table and keys are well, and nothing that would help an intruder', async () => {
    const { status, headers, body } = await product.newClient().get('/health/');
    expect(status).toBe(200);
    expect(body).toEqual({ status: 'ok', checks: { table: 'ok', keys: 'ok' } });
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['retry-after']).toBeUndefined();
  });

  it.each([
    ['the table throttles', { service: 'dynamodb', kind: 'error', code: 'ThrottlingException' }, 'table'],
    ['the table is gone', { service: 'dynamodb', kind: 'error', code: 'ResourceNotFoundException' }, 'table'],
    ['the table hangs', { service: 'dynamodb', kind: 'hang' }, 'table'],
    ['KMS throttles', { service: 'kms', kind: 'error', code: 'ThrottlingException' }, 'keys'],
    ['KMS denies', { service: 'kms', kind: 'error', code: 'AccessDeniedException' }, 'keys'],
    ['KMS hangs', { service: 'kms', kind: 'hang' }, 'keys'],
  ] as const)('is a 503 that names the check when %s (SECURITY 30, 31)', async (_, fault, check) => {
    const client = product.newClient();
    const { clear } = await product.fault({ ...fault, source_ip: client.sourceIp, times: 'forever' });
    const startedAt = performance.now();
    const { status, headers, body, text } = await client.get('/health');
    const tookMs = performance.now() - startedAt;
    await clear();
    expect(status).toBe(503);
    expect(body).toEqual({ status: 'failing', checks: { table: 'ok', keys: 'ok', [check]: 'failing' } });
    expect(headers['retry-after']).toBe('1');
    expect(headers['content-type']).toBe('application/json');
    expect(text).not.toMatch(/Exception|arn:|otp-/i);
    expect(tookMs).toBeLessThan(5000);
    expect((await client.get('/health')).status).toBe(200);
  });

  it('names both when both fail, and says so in the log', async () => {
    const client = product.newClient();
    const failing = {
      kind: 'error',
      code: 'InternalServerError',
      times: 'forever',
      source_ip: client.sourceIp,
    } as const;
    const faults = [
      await product.fault({ service: 'dynamodb', ...failing }),
      await product.fault({ service: 'kms', ...failing, code: 'KMSInternalException' }),
    ];
    const { body, requestId } = await client.get('/health');
    for (const { clear } of faults) await clear();
    expect(body.checks).toEqual({ table: 'failing', keys: 'failing' });
    const lines = (await product.logs({ request_id: requestId })).map(({ text }) => text);
    for (const check of ['table', 'keys']) {
      expect(lines.some((line) => line.includes('UNAVAILABLE') && line.includes(`"check":"${check}"`))).toBe(true);
    }
  });

  it('reads once and asks for the two keys', async () => {
    const { requestId } = await product.newClient().get('/health');
    const { calls } = await product.calls(requestId);
    expect(calls.map(({ operation }) => operation).sort()).toEqual(['DescribeKey', 'DescribeKey', 'Query']);
  });
});
