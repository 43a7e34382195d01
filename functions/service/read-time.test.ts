import { describe, expect, inject, it } from 'vitest';
import { connect } from '../../infra/local/testing.ts';

const product = connect(inject('standard'));
const client = product.newClient();

describe('GET /time', () => {
  it('tells the time of the gateway, by which codes are judged', async () => {
    const before = Date.now();
    const { status, body, headers } = await client.get('/time');
    expect(status).toBe(200);
    expect(body.unix_ms).toBeGreaterThanOrEqual(before);
    expect(body.unix_ms).toBeLessThanOrEqual(Date.now());
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' });
  });

  it('follows a clock that is moved', async () => {
    const traveller = product.newClient();
    await traveller.moveClock(86_400_000);
    const { body } = await traveller.get('/time/');
    expect(body.unix_ms).toBeGreaterThan(Date.now() + 86_000_000);
  });
});
