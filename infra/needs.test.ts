import { describe, expect, test } from 'vitest';
import { contracts } from '../shared/api/index.ts';
import type { Contract } from '../shared/api/route.ts';
import { describeGrants, grantsFor, needs } from './needs.ts';

const reply: Contract['reply'] = contracts[0]?.reply ?? expect.unreachable('there are contracts');
const contract = (rest: Partial<Contract>): Contract => ({
  operation: 'test/route',
  method: 'POST',
  path: '/test',
  summary: 'A route',
  who: 'public',
  reply,
  problems: [],
  ...rest,
});
const items = (rest: Partial<Contract>) => Object.fromEntries(grantsFor(contract(rest), {}).items);

describe('grants that follow from a contract', () => {
  test('are none for a public route without a limit', () => {
    expect(items({})).toEqual({});
  });

  test('recognise the caller of any other route, note the use of the session, and record what happens', () => {
    expect(items({ who: 'user' })).toEqual({
      BatchGetItem: ['APIKEY#*', 'METER#*', 'SESSION#*', 'USER#*'],
      PutItem: ['EVENT#*'],
      Query: ['KEYRING#signing'],
      UpdateItem: ['SESSION#*'],
    });
  });

  test('note the use of an API key only where keys are taken', () => {
    expect(items({ who: 'user', scope: 'otp:validate' })['UpdateItem']).toEqual(['APIKEY#*', 'SESSION#*']);
  });

  test('spend a limit where its budget is kept', () => {
    expect(items({ who: 'user', limit: 'validate' })['UpdateItem']).toContain('METER#*');
    expect(items({ limit: 'register' })['UpdateItem']).toEqual(['LIMIT#*']);
    expect(items({ limit: 'login' })['UpdateItem']).toEqual(['LOGIN#*']);
    expect(items({ limit: 'refresh' })['BatchGetItem']).toEqual(['SESSION#*']);
  });

  test('keep answers for an Idempotency-Key, sealed by the ring that the contract names', () => {
    const kept = grantsFor(contract({ idempotency: 'kept' }), {});
    expect(Object.fromEntries(kept.items)).toEqual({ BatchGetItem: ['IDEM#*'], PutItem: ['IDEM#*'] });
    expect(kept.opens).toEqual([]);

    const sealed = grantsFor(contract({ idempotency: 'sealed-mfa' }), { opens: ['otp'] });
    expect(sealed.opens).toEqual(['mfa', 'otp']);
    expect(sealed.items.get('Query')).toEqual(['KEYRING#mfa', 'KEYRING#otp']);
  });
});

describe('grants of a row', () => {
  test('narrow a class to one partition where the row does', () => {
    expect(grantsFor(undefined, { items: { 'COUNT#hours': ['Query'] } }).items.get('Query')).toEqual(['COUNT#hours']);
  });

  test('name a partition once when the class covers it', () => {
    const { items } = grantsFor(undefined, { items: { KEYRING: ['Query'], 'KEYRING#otp': ['Query'] } });
    expect(items.get('Query')).toEqual(['KEYRING#*']);
  });

  test('are told in one line', () => {
    expect(describeGrants(grantsFor(undefined, needs['keys/rotate']))).toBe(
      'PutItem KEYRING#* · Query KEYRING#* · wraps otp · wraps mfa · reads the public key',
    );
    expect(describeGrants(grantsFor(undefined, {}))).toBe('nothing');
  });
});
