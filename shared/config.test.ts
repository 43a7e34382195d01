import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const least = { TABLE_NAME: 'otp', EDGE_KEY: 'an edge key of the tests' };

describe('readConfig', () => {
  it('takes a limit from policy and what the stage overrides of it', () => {
    const config = readConfig({ ...least, LIMITS: '{"validate":{"max":1000,"windowSeconds":60}}' });
    expect(config.limit('validate')).toEqual({ max: 1000, windowSeconds: 60, per: 'user' });
    expect(config.limit('generate')).toEqual({ max: 30, windowSeconds: 60, per: 'user' });
  });

  it.each([
    ['a missing table', { EDGE_KEY: least.EDGE_KEY }],
    ['a short edge key', { ...least, EDGE_KEY: 'short' }],
    ['a limit that does not exist', { ...least, LIMITS: '{"nonsense":{"max":1,"windowSeconds":1}}' }],
    ['a limit of nothing', { ...least, LIMITS: '{"validate":{"max":0,"windowSeconds":60}}' }],
    ['limits that are not JSON', { ...least, LIMITS: 'validate=1' }],
  ])('throws before the first request for %s', (_, env) => {
    expect(() => readConfig(env)).toThrow();
  });
});
