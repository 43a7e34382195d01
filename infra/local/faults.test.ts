import { describe, expect, it } from 'vitest';
import { Faults, type FaultTarget, faultSchema } from './faults.ts';

const target: FaultTarget = {
  service: 'dynamodb',
  operation: 'TransactWriteItems',
  function: 'otp/validate-code',
  sourceIp: '127.1.2.3',
  body: '{"pk":{"S":"CONFIG#abc"}}',
};
const error = { service: 'dynamodb', kind: 'error', code: 'ThrottlingException' };

function withFault(fault: object): Faults {
  const faults = new Faults();
  faults.add(faultSchema.parse(fault));
  return faults;
}

describe('Faults', () => {
  it('befall as many calls as asked for, once by default', () => {
    const once = withFault(error);
    expect([once.take(target), once.take(target)].map((fault) => fault?.kind)).toEqual(['error', undefined]);
    expect(once.list()).toEqual([]);

    const thrice = withFault({ ...error, times: 3 });
    expect([1, 2, 3, 4].map(() => thrice.take(target) !== undefined)).toEqual([true, true, true, false]);
  });

  it('befall calls for ever until they are cleared', () => {
    const faults = withFault({ ...error, times: 'forever' });
    for (let call = 0; call < 50; call++) expect(faults.take(target)).toBeDefined();
    expect(faults.list()).toMatchObject([{ hits: 50 }]);
    expect(faults.clear()).toBe(1);
    expect(faults.take(target)).toBeUndefined();
  });

  it.each([
    ['service', { ...error, service: 'kms' }],
    ['operation', { ...error, operation: 'BatchGetItem' }],
    ['function', { ...error, function: 'otp/generate-code' }],
    ['address', { ...error, source_ip: '127.9.9.9' }],
    ['text in the body', { ...error, match: 'SECRET#' }],
    ['batch', { service: 'dynamodb', kind: 'partial_batch' }],
  ])('leave calls of another %s alone', (_, fault) => {
    expect(withFault(fault).take(target)).toBeUndefined();
  });

  it('befall a call that fits all that is named', () => {
    const named = {
      operation: target.operation,
      function: target.function,
      source_ip: target.sourceIp,
      match: 'CONFIG#abc',
    };
    expect(withFault({ ...error, ...named }).take(target)).toBeDefined();
  });

  it('are cleared one by one by their id', () => {
    const faults = withFault({ ...error, operation: 'GetItem' });
    const second = faults.add(faultSchema.parse(error));
    expect(faults.clear(second.id)).toBe(1);
    expect(faults.clear(second.id)).toBe(0);
    expect(faults.list()).toHaveLength(1);
  });
});

describe('faultSchema', () => {
  it.each([
    ['an error without a code', { service: 'dynamodb', kind: 'error' }],
    ['a delay without a time', { service: 'dynamodb', kind: 'delay' }],
    ['a batch of KMS', { service: 'kms', kind: 'partial_batch' }],
    ['a kind that there is not', { service: 'kms', kind: 'explode' }],
    ['no times', { ...error, times: 0 }],
    ['a field that there is not', { ...error, when: 'now' }],
  ])('refuses %s', (_, fault) => {
    expect(faultSchema.safeParse(fault).success).toBe(false);
  });
});
